"""What is provisioned: Pulumi components and the typed stack settings."""
