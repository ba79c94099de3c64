//! The HTTP API: routes, views, problem details and the OpenAPI document.
