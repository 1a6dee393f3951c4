"""AWS as an account sees it: the clients of RDS, Secrets Manager, SSM and CloudWatch."""
