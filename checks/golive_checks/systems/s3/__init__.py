"""S3 buckets and presigned URLs."""
