"""What is stored."""
from django.db import models


class Webhook(models.Model):
    name = models.CharField(max_length=140)
    url = models.URLField(max_length=2048)
    description = models.CharField(max_length=1024)
    active = models.BooleanField()
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    integration_type = "slack"

    class Meta:
        ordering = ["id"]


class Configuration(models.Model):
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="configurations")
    event_source = models.CharField(max_length=100)
    active = models.BooleanField()
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
