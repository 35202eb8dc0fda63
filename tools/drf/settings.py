"""Django's settings."""
SECRET_KEY = "of a program that lives for a minute and keeps nothing"
ALLOWED_HOSTS = ["*"]
APPEND_SLASH = False
ROOT_URLCONF = "drf.urls"
MIDDLEWARE = []
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "rest_framework.authtoken", "drf"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
# The server prints each traceback itself. Django would print a line for each 4xx as well.
LOGGING_CONFIG = None
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication", "drf.access.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["drf.access.IsSuperUser"],
    "DEFAULT_PAGINATION_CLASS": "drf.pages.Pages",
}
