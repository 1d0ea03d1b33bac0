use aws_config::SdkConfig;
use aws_sdk_codedeploy::config::Builder;
use aws_sdk_codedeploy::operation::batch_get_deployment_targets::BatchGetDeploymentTargetsError;
use aws_sdk_codedeploy::operation::list_deployment_targets::ListDeploymentTargetsError;
use aws_sdk_codedeploy::operation::put_lifecycle_event_hook_execution_status::PutLifecycleEventHookExecutionStatusError;
use aws_sdk_codedeploy::types::LifecycleEventStatus;
use aws_sdk_codedeploy::{Client, Error};
use aws_smithy_types::error::display::DisplayErrorContext;
use thiserror::Error;

use crate::HookEvent;
use crate::retry::unsettled;
use crate::version::Version;

/// Why a deployment cannot be read, or its report is not accepted.
#[derive(Debug, Error)]
pub enum DeploymentError {
    /// A call failed after all retries.
    #[error("CodeDeploy: {}", DisplayErrorContext(.0))]
    Call(#[from] Box<Error>),
    /// The deployment does not have exactly one target that is a version of a function.
    #[error("the deployment does not name one version of one function")]
    Target,
    /// The report was not accepted before the hook's time was over.
    #[error("CodeDeploy did not accept the report in time")]
    Late,
}

impl DeploymentError {
    fn of(error: impl Into<Error>) -> Self {
        Self::Call(Box::new(error.into()))
    }
}

/// One deployment, whose hook is running.
pub(crate) struct Deployment {
    codedeploy: Client,
    event: HookEvent,
}

impl Deployment {
    pub(crate) fn new(sdk: &SdkConfig, event: HookEvent) -> Self {
        let config = Builder::from(sdk)
            .retry_classifier(unsettled::<ListDeploymentTargetsError>())
            .retry_classifier(unsettled::<BatchGetDeploymentTargetsError>())
            .retry_classifier(unsettled::<PutLifecycleEventHookExecutionStatusError>());
        Self { codedeploy: Client::from_conf(config.build()), event }
    }

    pub(crate) fn id(&self) -> &str {
        &self.event.deployment_id
    }

    /// Returns the version that is about to get requests.
    ///
    /// # Errors
    /// Returns [`DeploymentError::Call`] or [`DeploymentError::Target`].
    pub(crate) async fn version(&self) -> Result<Version, DeploymentError> {
        let listed = self.codedeploy.list_deployment_targets().deployment_id(self.id()).send().await;
        let ids = listed.map_err(DeploymentError::of)?.target_ids;
        let targets = self.codedeploy.batch_get_deployment_targets().deployment_id(self.id()).set_target_ids(ids);
        let targets = targets.send().await.map_err(DeploymentError::of)?;
        let [target] = targets.deployment_targets() else { return Err(DeploymentError::Target) };
        let function = target.lambda_target().and_then(|target| target.lambda_function_info());
        let named = function.and_then(|function| Some((function.function_name()?, function.target_version()?)));
        let (function, number) = named.ok_or(DeploymentError::Target)?;
        Ok(Version { function: function.to_owned(), number: number.to_owned() })
    }

    /// Reports to CodeDeploy whether the version works.
    ///
    /// # Errors
    /// Returns [`DeploymentError::Call`].
    pub(crate) async fn report(&self, works: bool) -> Result<(), DeploymentError> {
        let status = if works { LifecycleEventStatus::Succeeded } else { LifecycleEventStatus::Failed };
        let report = self.codedeploy.put_lifecycle_event_hook_execution_status().deployment_id(self.id());
        let report = report.lifecycle_event_hook_execution_id(&self.event.lifecycle_event_hook_execution_id);
        report.status(status).send().await.map_err(DeploymentError::of)?;
        Ok(())
    }
}
