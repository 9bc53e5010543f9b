"""From the columns of a table to what they are: label, features, groups, splits, texts, pixels."""
