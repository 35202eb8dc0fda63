"""The routes. A view's name is what OPTIONS shows; without docstrings, since OPTIONS would show them."""
import re

from django.http import Http404, JsonResponse
from rest_framework.response import Response
from rest_framework.views import APIView

from drf.models import Webhook
from drf.pages import Pages, PagesOnRequest
from drf.serializers import ActivitySerializer, ConfigurationSerializer, WebhookSerializer


def find(queryset, text):
    """The object of that id: a plain positive integer of 63 bits, as docs/compatibility.md says."""
    if not re.fullmatch(r"[1-9][0-9]{0,18}", text) or int(text) >= 1 << 63:
        raise Http404
    found = queryset.filter(pk=int(text)).first()
    if found is None:
        raise Http404
    return found


def page_of(paginator, queryset, request, serializer):
    return paginator.get_paginated_response(serializer(paginator.paginate_queryset(queryset, request), many=True).data)


def saved(serializer, status, **attributes):
    serializer.is_valid(raise_exception=True)
    serializer.save(**attributes)
    return Response(serializer.data, status=status)


class WebhookList(APIView):
    def get(self, request):
        return page_of(Pages(), Webhook.objects.all(), request, WebhookSerializer)

    def post(self, request):
        return saved(WebhookSerializer(data=request.data), 201)


class WebhookInstance(APIView):
    def get(self, request, webhook_id):
        return Response(WebhookSerializer(find(Webhook.objects, webhook_id)).data)

    def patch(self, request, webhook_id):
        webhook = find(Webhook.objects, webhook_id)
        return saved(WebhookSerializer(webhook, data=request.data, partial=True), 200)

    def delete(self, request, webhook_id):
        find(Webhook.objects, webhook_id).delete()
        return Response(status=204)


class WebhookEventConfigurationList(APIView):
    def get(self, request, webhook_id):
        webhook = find(Webhook.objects, webhook_id)
        return page_of(PagesOnRequest(), webhook.configurations.all(), request, ConfigurationSerializer)

    def post(self, request, webhook_id):
        webhook = find(Webhook.objects, webhook_id)
        return saved(ConfigurationSerializer(data=request.data, context={"webhook": webhook}), 201, webhook=webhook)


class WebhookEventConfigurationInstance(APIView):
    def find(self, webhook_id, id):
        webhook = find(Webhook.objects, webhook_id)
        return webhook, find(webhook.configurations, id)

    def get(self, request, webhook_id, id):
        return Response(ConfigurationSerializer(self.find(webhook_id, id)[1]).data)

    def patch(self, request, webhook_id, id):
        webhook, configuration = self.find(webhook_id, id)
        context = {"webhook": webhook}
        return saved(ConfigurationSerializer(configuration, data=request.data, partial=True, context=context), 200)

    def delete(self, request, webhook_id, id):
        self.find(webhook_id, id)[1].delete()
        return Response(status=204)


class ActivityList(APIView):
    def post(self, request, project_id):
        return saved(ActivitySerializer(data=request.data), 201)


def not_found(request, exception):
    """Django's own 404 is a page of HTML."""
    return JsonResponse({"detail": "Not found."}, status=404, json_dumps_params={"separators": (",", ":")})
