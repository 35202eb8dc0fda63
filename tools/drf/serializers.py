"""The resources on the wire."""
import re
import secrets

from django.utils import timezone
from rest_framework import serializers

from drf.models import Configuration, Webhook

SLACK = re.compile(r"https://hooks\.slack(-gov)?\.com/services/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+")


class Moment(serializers.DateTimeField):
    """As SD Elements' documents print it: milliseconds and `Z`."""

    def to_representation(self, value):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class WebhookSerializer(serializers.ModelSerializer):
    name = serializers.CharField(max_length=140)
    url = serializers.URLField(max_length=2048)
    description = serializers.CharField(max_length=1024, allow_blank=True, default="")
    integration_type = serializers.ReadOnlyField()
    active = serializers.BooleanField(default=True)
    created = Moment(read_only=True)
    updated = Moment(read_only=True)

    class Meta:
        model = Webhook
        fields = ["id", "name", "url", "description", "integration_type", "active", "created", "updated"]

    def validate_url(self, url):
        if not SLACK.fullmatch(url):
            raise serializers.ValidationError("Enter the URL of a Slack webhook: https://hooks.slack.com/services/... or "
                                              "https://hooks.slack-gov.com/services/...")
        return url


class ConfigurationSerializer(serializers.ModelSerializer):
    event_source = serializers.ChoiceField(["CreatedProjectActivity"])
    active = serializers.BooleanField(default=True)
    created = Moment(read_only=True)
    updated = Moment(read_only=True)

    class Meta:
        model = Configuration
        fields = ["id", "webhook", "event_source", "active", "created", "updated"]
        read_only_fields = ["webhook"]

    def validate(self, attributes):
        others = self.context["webhook"].configurations.exclude(pk=self.instance and self.instance.pk)
        if others.filter(event_source=attributes.get("event_source")).exists():
            # The message of UniqueTogetherValidator, which cannot read the webhook from the path.
            raise serializers.ValidationError("The fields webhook, event_source must make a unique set.")
        return attributes


class ActivitySerializer(serializers.Serializer):
    """An activity that is published, which is Outhook's extension. Nothing is stored."""
    id = serializers.ReadOnlyField()
    name = serializers.CharField(max_length=100)
    actor = serializers.IntegerField(default=None)
    text = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    date = Moment(read_only=True)
    data = serializers.DictField(default=dict)
    icon = serializers.CharField(max_length=100, allow_blank=True, default="")
    log_level = serializers.CharField(max_length=100, allow_blank=True, default="")

    def validate_name(self, name):
        if not re.fullmatch(r"[A-Za-z]*Activity", name):
            raise serializers.ValidationError(f'"{name}" is not a valid choice.')
        return name

    def create(self, attributes):
        letters = "".join(secrets.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(26))
        return {"id": letters, "date": timezone.now(), **attributes}
