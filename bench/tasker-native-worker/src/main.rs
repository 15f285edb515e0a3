//! Tasker's own worker, as its library makes it, with one handler: `noop`, which completes at once.
//! What is measured with it is the worker and not a handler.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tasker_shared::messaging::StepExecutionResult;
use tasker_shared::types::base::TaskSequenceStep;
use tasker_shared::TaskerResult;
use tasker_worker::worker::handlers::{
    HandlerDispatchConfig, HandlerDispatchService, LoadSheddingConfig, StepHandler,
    StepHandlerRegistry,
};
use tasker_worker::WorkerBootstrap;
use tokio::signal::unix::{signal, SignalKind};

const NAME: &str = "noop";

/// The values that the library's own example uses.
const HANDLERS_AT_ONCE: usize = 10;
const TIMEOUT: Duration = Duration::from_secs(30);

struct Noop;

#[async_trait]
impl StepHandler for Noop {
    async fn call(&self, step: &TaskSequenceStep) -> TaskerResult<StepExecutionResult> {
        let id = step.workflow_step.workflow_step_uuid;
        Ok(StepExecutionResult::success(id, json!({}), 0, None))
    }

    fn name(&self) -> &str {
        NAME
    }
}

struct OnlyNoop;

#[async_trait]
impl StepHandlerRegistry for OnlyNoop {
    async fn get(&self, step: &TaskSequenceStep) -> Option<Arc<dyn StepHandler>> {
        self.handler_available(&step.step_definition.handler.callable)
            .then(|| Arc::new(Noop) as Arc<dyn StepHandler>)
    }

    fn register(&self, _name: &str, _handler: Arc<dyn StepHandler>) {}

    fn handler_available(&self, name: &str) -> bool {
        name == NAME
    }

    fn registered_handlers(&self) -> Vec<String> {
        vec![NAME.to_owned()]
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tasker_shared::logging::init_tracing();
    let mut worker = WorkerBootstrap::bootstrap().await?;
    // Nobody runs handlers in a worker unless somebody takes these.
    let handles = worker
        .take_dispatch_handles()
        .ok_or("the worker has no dispatch handles")?;
    let config = HandlerDispatchConfig {
        max_concurrent_handlers: HANDLERS_AT_ONCE,
        handler_timeout: TIMEOUT,
        service_id: env!("CARGO_PKG_NAME").to_owned(),
        load_shedding: LoadSheddingConfig::default(),
    };
    let (dispatch, _) = HandlerDispatchService::new(
        handles.dispatch_receiver,
        handles.completion_sender,
        Arc::new(OnlyNoop),
        config,
    );
    tokio::spawn(dispatch.run());
    signal(SignalKind::terminate())?.recv().await;
    worker.stop().await?;
    Ok(())
}
