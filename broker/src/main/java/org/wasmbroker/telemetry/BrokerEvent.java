package org.wasmbroker.telemetry;

/** Something that happened in the broker, reported by the stage in which it happened. */
public sealed interface BrokerEvent
    permits StepEvent,
        IntakeEvent,
        ReportEvent,
        ModuleEvent,
        PolicyEvent,
        TrustEvent,
        RolloutEvent,
        TaskerEvent,
        TraceEvent,
        RecordingEvent,
        McpEvent,
        SessionEvent,
        LifecycleEvent {}
