//! DynamoDB: keys, items and queries.
