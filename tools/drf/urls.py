"""The paths."""
from django.urls import path

from drf import views

handler404 = "drf.views.not_found"

urlpatterns = [
    path("api/v2/webhooks/", views.WebhookList.as_view()),
    path("api/v2/webhooks/<str:webhook_id>/", views.WebhookInstance.as_view()),
    path("api/v2/webhooks/<str:webhook_id>/configs/", views.WebhookEventConfigurationList.as_view()),
    path("api/v2/webhooks/<str:webhook_id>/configs/<str:id>/", views.WebhookEventConfigurationInstance.as_view()),
    path("api/v2/projects/<str:project_id>/activities/", views.ActivityList.as_view()),
]
