//! What `template.yaml` deploys and AWS charges for.

use serde_json::Value;

use super::Error;

/// The parts of the template that the bill depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Memory of a function.
    pub memory_mb: f64,
    /// Whether X-Ray traces the functions.
    pub is_traced: bool,
    /// Months that log lines are kept.
    pub retention_months: f64,
    /// Number of routes.
    pub routes: f64,
    /// Number of metrics that alarms watch; AWS charges for each.
    pub alarms: f64,
    /// Number of dashboards.
    pub dashboards: f64,
    /// Format of a line of the access log.
    pub access_log_format: String,
    /// Whether the access log is in the Infrequent Access class.
    pub has_infrequent_access_log: bool,
}

impl Template {
    /// Reads the template.
    ///
    /// # Errors
    /// Returns [`Error::Yaml`] if it is not YAML, [`Error::NotInTemplate`] if a value is missing.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let template: Value = serde_saphyr::from_str(text)?;
        let number =
            |path: &str, name| template.pointer(path).and_then(Value::as_f64).ok_or(Error::NotInTemplate(name));
        let globals = "/Globals/Function";
        let format = template.pointer("/Resources/Api/Properties/AccessLogSettings/Format").and_then(Value::as_str);
        let resources = template["Resources"].as_object().ok_or(Error::NotInTemplate("Resources"))?;
        let of_type = |kind: &'static str| resources.values().filter(move |resource| resource["Type"] == kind);
        let events = of_type("AWS::Serverless::Function").filter_map(|it| it["Properties"]["Events"].as_object());
        let log_classes = of_type("AWS::Logs::LogGroup").map(|it| &it["Properties"]["LogGroupClass"]);
        Ok(Self {
            memory_mb: number(&format!("{globals}/MemorySize"), "MemorySize")?,
            is_traced: template.pointer("/Parameters/Tracing/Default").is_some_and(|tracing| tracing == "Active"),
            retention_months: number("/Parameters/LogRetentionDays/Default", "LogRetentionDays")? * 12.0 / 365.0,
            routes: count(events.flat_map(|events| events.values()).filter(|event| event["Type"] == "HttpApi")),
            alarms: of_type("AWS::CloudWatch::Alarm").map(|alarm| watched(&alarm["Properties"])).sum(),
            dashboards: count(of_type("AWS::CloudWatch::Dashboard")),
            access_log_format: format.ok_or(Error::NotInTemplate("format of the access log"))?.to_owned(),
            has_infrequent_access_log: log_classes.into_iter().any(|class| class == "INFREQUENT_ACCESS"),
        })
    }
}

/// Returns the number of metrics that an alarm watches: its own, or those of its expression.
fn watched(alarm: &Value) -> f64 {
    let metrics = alarm["Metrics"].as_array();
    metrics.map_or(1.0, |metrics| count(metrics.iter().filter(|metric| !metric["MetricStat"].is_null())))
}

fn count<T>(items: impl Iterator<Item = T>) -> f64 {
    items.map(|_| 1.0).sum()
}
