use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::{Body, RequestExt};

use super::Failure;
use super::boundary::identify;
use crate::models::{EntityId, Pagination, Position, Rank};
use crate::validation::{CursorKey, Json, ListFilter, ListParams, ListScope, Model, Violations};

/// A request, as the handler of its route sees it.
#[derive(Debug)]
pub struct Request {
    event: lambda_http::Request,
    cursors: CursorKey,
    header_violations: Option<Violations>,
}

impl Request {
    /// Creates the request that an event holds. `cursors` signs its lists; `header_violations` are
    /// reported together with those of its body.
    #[must_use]
    pub fn new(event: lambda_http::Request, cursors: CursorKey, header_violations: Option<Violations>) -> Self {
        Self { event, cursors, header_violations }
    }

    /// Returns API Gateway's identifier of the request.
    pub(super) fn request_id(&self) -> String {
        identify(&self.event).0
    }

    fn check_size(&self, max: usize) -> Result<(), Failure> {
        if self.event.body().len() > max { Err(Failure::TooLarge(max)) } else { Ok(()) }
    }

    /// Reads the body.
    ///
    /// # Errors
    /// Returns [`Failure::TooLarge`], [`Failure::Unreadable`], or [`Failure::Invalid`] with every invalid field and
    /// header.
    pub fn body<T: Model>(&self) -> Result<T, Failure> {
        self.query_and_body().map(|((), body)| body)
    }

    /// Reads the parameters of the query string and the body.
    ///
    /// # Errors
    /// Returns the errors of [`Self::body`], and every invalid parameter.
    pub fn query_and_body<Q: Model, T: Model>(&self) -> Result<(Q, T), Failure> {
        self.check_size(T::MAX_SIZE)?;
        let body: &[u8] = match self.event.body() {
            Body::Text(text) => text.as_bytes(),
            Body::Binary(bytes) => bytes,
            Body::Empty | _ => &[],
        };
        let value = if body.is_empty() {
            None
        } else if self.is_json() {
            Some(
                Json::parse(body)
                    .map_err(|error| Violations::of_json_error(error).map_or(Failure::Unreadable, Failure::Invalid))?,
            )
        } else {
            Some(Json::Text(String::from_utf8_lossy(body).into_owned()))
        };
        let query = Q::from_query(self.query_pairs().into_owned());
        match (query, self.header_violations.clone(), T::from_body(value.as_ref())) {
            (Ok(query), None, Ok(body)) => Ok((query, body)),
            (query, of_headers, body) => {
                Err(Failure::Invalid(query.err().into_iter().chain(of_headers).chain(body.err()).collect()))
            }
        }
    }

    /// Returns `true` if the content type is JSON or missing.
    fn is_json(&self) -> bool {
        let Some(value) = self.event.headers().get(CONTENT_TYPE) else { return true };
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        let essence = value.split(';').next().unwrap_or_default().trim();
        let json = |subtype: &str| subtype == "json" || subtype.ends_with("+json");
        value.is_empty()
            || essence.strip_prefix("application/").is_some_and(|subtype| !subtype.contains('/') && json(subtype))
    }

    /// Returns the identifier in the path, or the nil UUID, which no entity has, if the parameter is not an
    /// identifier.
    ///
    /// # Errors
    /// Returns [`Failure::TooLarge`], or [`Failure::Invalid`] if a header is malformed.
    pub fn id<T: EntityId>(&self) -> Result<T, Failure> {
        self.check_size(<() as Model>::MAX_SIZE)?;
        if let Some(violations) = &self.header_violations {
            return Err(Failure::Invalid(violations.clone()));
        }
        let parameters = self.event.path_parameters_ref();
        let text = parameters.and_then(|parameters| parameters.first(T::KIND.id_name()));
        Ok(T::in_path(text.unwrap_or_default()))
    }

    /// Returns the filter of a list, and the page that the caller asks for.
    ///
    /// # Errors
    /// Returns [`Failure::Invalid`] with every invalid parameter, including a cursor that this list did not issue.
    pub fn list<F: ListFilter>(&self) -> Result<(F, PageLinks<'_>), Failure> {
        self.page(F::scope)
    }

    /// Returns the page that the caller asks for, of a list without filters.
    ///
    /// # Errors
    /// Returns the errors of [`Self::list`].
    pub fn unfiltered<P: Position>(&self, scope: ListScope) -> Result<PageLinks<'_, P>, Failure> {
        self.page(|(): &()| scope).map(|((), page)| page)
    }

    fn page<F: Model, P: Position>(
        &self,
        scope: impl FnOnce(&F) -> ListScope,
    ) -> Result<(F, PageLinks<'_, P>), Failure> {
        self.check_size(F::MAX_SIZE)?;
        let ListParams { filter, scope, pagination } =
            ListParams::from_query(self.query_pairs().into_owned(), &self.cursors, scope).map_err(Failure::Invalid)?;
        Ok((filter, PageLinks { request: self, scope, pagination }))
    }

    /// Returns the address of the same list after another position.
    fn with_cursor(&self, cursor: &str) -> String {
        let kept = self.query_pairs().filter(|(name, _)| name != "cursor");
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).append_pair("cursor", cursor).finish();
        format!("{}?{query}", self.event.raw_http_path())
    }

    fn query_pairs(&self) -> form_urlencoded::Parse<'_> {
        form_urlencoded::parse(self.event.uri().query().unwrap_or_default().as_bytes())
    }
}

/// The page of a list that a caller asks for, and the links to its other pages.
#[derive(Debug)]
pub struct PageLinks<'a, P = Rank> {
    request: &'a Request,
    scope: ListScope,
    /// Start and maximum length of the page.
    pub pagination: Pagination<P>,
}

impl<P: Position> PageLinks<'_, P> {
    /// Returns the address of the page after the element at this position.
    pub(super) fn next(&self, last: P) -> String {
        self.request.with_cursor(&self.request.cursors.write(&self.scope, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{ClientId, ClientRegister};
    use crate::validation::ClientFilter;

    fn is_json(content_type: Option<&str>) -> bool {
        let mut request = lambda_http::http::Request::builder();
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let event = request.body(Body::Empty).expect("a request");
        Request { event, cursors: CursorKey::new(""), header_violations: None }.is_json()
    }

    #[test]
    fn a_body_is_json_if_its_type_is_json_or_missing() {
        for json in [
            None,
            Some(""),
            Some("application/json"),
            Some("APPLICATION/JSON; charset=latin1"),
            Some("application/vnd.api+json"),
            Some("application/json ;x"),
        ] {
            assert!(is_json(json), "{json:?}");
        }
        for other in [
            "text/plain",
            "text/json",
            "json",
            "application/json/x",
            "application/x/y+json",
            "application/json,",
            "application/x-www-form-urlencoded",
        ] {
            assert!(!is_json(Some(other)), "{other}");
        }
    }

    #[test]
    fn a_body_over_64_kib_is_refused() {
        let event = |size| lambda_http::Request::new(Body::Binary(vec![b' '; size]));
        let request = |size| Request::new(event(size), CursorKey::new(""), None);
        let max = 64 * 1024;
        assert!(matches!(request(max).body::<ClientRegister>(), Err(Failure::Invalid(_))));
        let too_large = request(max + 1);
        assert!(matches!(too_large.body::<ClientRegister>(), Err(Failure::TooLarge(_))));
        assert!(matches!(too_large.id::<ClientId>(), Err(Failure::TooLarge(_))));
        assert!(matches!(too_large.list::<ClientFilter>(), Err(Failure::TooLarge(_))));
    }
}
