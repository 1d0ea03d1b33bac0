//! A hook that CodeDeploy calls before a new version of a function gets its first requests: it invokes the version,
//! and reports to CodeDeploy whether it works.

mod deployment;
mod probe;
mod retry;
mod version;

use std::time::Duration;

use aws_config::SdkConfig;
use serde::Deserialize;
use tokio::time::timeout;

use deployment::{Deployment, DeploymentError};
pub use probe::{NoProbe, Probe, binary_of, probes};
use version::{Version, VersionError};

/// Event that CodeDeploy sends to a hook.
///
/// Source: <https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HookEvent {
    /// Identifier of the deployment, which is that of one function.
    pub deployment_id: String,
    /// This execution of the hook, for the report.
    pub lifecycle_event_hook_execution_id: String,
}

/// Checks the version that a deployment is about to release, and reports the result to CodeDeploy.
///
/// # Errors
/// Returns an error if CodeDeploy does not accept the report. A version that does not work is reported, and is not an
/// error.
pub async fn check_version(sdk: SdkConfig, event: HookEvent, time_left: Duration) -> Result<(), DeploymentError> {
    let sdk = retry::patient(sdk);
    let deployment = Deployment::new(&sdk, event);
    // A quarter of the time is left for the report, without which CodeDeploy waits for an hour.
    let works = timeout(time_left / 4 * 3, works(&sdk, &deployment)).await.unwrap_or_else(|_| {
        tracing::error!(deployment_id = deployment.id(), "the version was not checked in time");
        false
    });
    match timeout(time_left / 4, deployment.report(works)).await {
        Ok(reported) => reported,
        Err(_) => Err(DeploymentError::Late),
    }
}

/// Returns `true` if the version that is being deployed works. Logs the result.
async fn works(sdk: &SdkConfig, deployment: &Deployment) -> bool {
    let deployment_id = deployment.id();
    let version = match deployment.version().await {
        Ok(version) => version,
        Err(error) => {
            tracing::error!(deployment_id, cause = %error, "the deployed version is unknown");
            return false;
        }
    };
    let Version { function, number } = &version;
    match check(sdk, &version, deployment_id).await {
        Ok(answers) => {
            tracing::info!(deployment_id, function, version = number, answers, "the version works");
            true
        }
        Err(error) => {
            tracing::error!(deployment_id, function, version = number, cause = %error, "the version does not work");
            false
        }
    }
}

/// Sends every probe of its function to a version. Returns the statuses of its answers, for the log.
async fn check(sdk: &SdkConfig, version: &Version, deployment_id: &str) -> Result<String, VersionError> {
    let stack = std::env::var("PARC_STACK").unwrap_or_default();
    let probes = probes(binary_of(&version.function, &stack)?)?;
    let lambda = version::client(sdk);
    let mut answers = Vec::new();
    for probe in probes {
        let status = version.status(&lambda, probe.event(deployment_id)).await?;
        if status != probe.expected {
            return Err(VersionError::Status { route: probe.route, expected: probe.expected, status });
        }
        answers.push(format!("{} {status}", probe.route));
    }
    Ok(answers.join(", "))
}
