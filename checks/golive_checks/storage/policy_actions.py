"""The actions of Amazon S3 that a bucket's policy can name, and what they resolve to.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html, resource types bucket and object.
An action that is newer than this list counts as one of both.
"""

READ, WRITE, LIST = "read objects", "write objects", "list"
_OF_BUCKETS = """
    ListBucket ListBucketVersions ListBucketMultipartUploads GetBucketPolicy PutBucketPolicy DeleteBucketPolicy
    GetBucketAcl PutBucketAcl DeleteBucket GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketCORS
    GetBucketLocation GetBucketLogging GetBucketNotification GetBucketObjectLockConfiguration
    GetBucketOwnershipControls GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment
    GetBucketTagging GetBucketVersioning GetBucketWebsite DeleteBucketWebsite GetEncryptionConfiguration
    GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration
    GetMetricsConfiguration GetReplicationConfiguration GetBucketMetadataTableConfiguration
    CreateBucketMetadataTableConfiguration DeleteBucketMetadataTableConfiguration PutAccelerateConfiguration
    PutAnalyticsConfiguration PutBucketCORS PutBucketLogging PutBucketNotification
    PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPublicAccessBlock
    PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration
    PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration
    PutMetricsConfiguration PutReplicationConfiguration
"""
_OF_OBJECTS = """
    GetObject GetObjectVersion PutObject DeleteObject DeleteObjectVersion PutObjectAcl PutObjectVersionAcl
    AbortMultipartUpload BypassGovernanceRetention DeleteObjectTagging DeleteObjectVersionTagging GetObjectAcl
    GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent
    GetObjectVersionAcl GetObjectVersionAttributes GetObjectVersionForReplication GetObjectVersionTagging
    GetObjectVersionTorrent InitiateReplication ListMultipartUploadParts ObjectOwnerOverrideToBucketOwner
    PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionTagging ReplicateDelete
    ReplicateObject ReplicateTags RestoreObject
"""
ON_BUCKET = tuple(f"s3:{name}" for name in _OF_BUCKETS.split())
ON_OBJECTS = tuple(f"s3:{name}" for name in _OF_OBJECTS.split())
ELSEWHERE = (
    "s3:*job*",
    "s3:*jobs",
    "s3:*accesspoint*",
    "s3:*storagelens*",
    "s3:*accessgrant*",
    "s3:*accountpublicaccessblock",
    "s3:listallmybuckets",
    "s3:createbucket",
)
"""Actions on accounts, jobs and access points: no bucket's policy grants them."""
MEANING = {
    "s3:getobject": READ,
    "s3:getobjectversion": READ,
    "s3:putobject": WRITE,
    "s3:deleteobject": WRITE,
    "s3:deleteobjectversion": WRITE,
    "s3:listbucket": LIST,
    "s3:listbucketversions": LIST,
    "s3:putobjectacl": "change who may read objects",
    "s3:putobjectversionacl": "change who may read objects",
    "s3:getbucketpolicy": "read the policy",
    "s3:putbucketpolicy": "change the policy",
    "s3:deletebucketpolicy": "change the policy",
    "s3:putbucketacl": "change the ACL",
    "s3:deletebucket": "delete the bucket",
}
"""Plain words for the actions that matter most; others go by their own names."""
