"""Who may use the API."""
from rest_framework.authentication import TokenAuthentication
from rest_framework.permissions import BasePermission


class BearerAuthentication(TokenAuthentication):
    """Outhook takes both schemes."""
    keyword = "Bearer"


class IsSuperUser(BasePermission):
    """All routes of webhooks need a super user."""

    def has_permission(self, request, view):
        return bool(request.user and request.user.is_superuser)
