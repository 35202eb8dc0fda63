"""Pagination."""
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response


class Pages(PageNumberPagination):
    """Pages of 20 unless the caller says otherwise, at most of 100."""
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class PagesOnRequest(Pages):
    """All event configurations, as `results` alone, unless the caller gives a size."""

    def paginate_queryset(self, queryset, request, view=None):
        self.whole = self.page_size_query_param not in request.query_params
        return list(queryset) if self.whole else super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data):
        return Response({"results": data}) if self.whole else super().get_paginated_response(data)
