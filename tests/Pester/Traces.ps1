# Listens to what .NET and everything in this process tells of itself while a command runs.

Add-Type -TypeDefinition @'
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Linq;
using System.Text;

namespace K3sToken.TestTraces
{
    /// <summary>Every event source but those of the runtime itself, every activity, every diagnostic source.</summary>
    public sealed class Traces : EventListener
    {
        private static readonly string[] NotHeard =
        {
            "Microsoft-Windows-DotNETRuntime", "System.Runtime", "System.Threading.Tasks.TplEventSource", "System.Buffers.ArrayPoolEventSource",
            "NativeRuntimeEventSource", "System.Diagnostics.Eventing.FrameworkEventSource",
        };

        private readonly ConcurrentQueue<string> _heard = new ConcurrentQueue<string>();
        private readonly ConcurrentDictionary<string, int> _sources = new ConcurrentDictionary<string, int>();
        private readonly ActivityListener _activities;
        private readonly IDisposable _diagnostics;

        public Traces()
        {
            _activities = new ActivityListener
            {
                ShouldListenTo = _ => true,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity => Hear("Activity " + activity.Source.Name,
                    new object[] { activity.OperationName, activity.DisplayName }.Concat(activity.TagObjects.Select(t => (object)(t.Key + "=" + t.Value)))),
            };
            ActivitySource.AddActivityListener(_activities);
            _diagnostics = DiagnosticListener.AllListeners.Subscribe(new Sources(this));
        }

        public string[] Heard { get { return _heard.ToArray(); } }

        public IDictionary<string, int> Sources_ { get { return _sources; } }

        public override void Dispose()
        {
            _diagnostics.Dispose();
            _activities.Dispose();
            base.Dispose();
        }

        protected override void OnEventSourceCreated(EventSource source)
        {
            // What .NET calls private tells whole headers and bodies, of every program, to whoever in the process turns it on.
            if (!NotHeard.Contains(source.Name) && !source.Name.StartsWith("Private.InternalDiagnostics."))
            {
                EnableEvents(source, EventLevel.Verbose, EventKeywords.All);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs written)
        {
            if (_heard != null && written.EventSource.Name != "System.Diagnostics.Metrics")
            {
                Hear(written.EventSource.Name, new object[] { written.EventName, written.Message }.Concat(written.Payload ?? (IEnumerable<object>)new object[0]));
            }
        }

        private void Hear(string source, IEnumerable<object> values)
        {
            _sources.AddOrUpdate(source, 1, (_, n) => n + 1);
            _heard.Enqueue(source + ": " + string.Join(" | ", values.Select(Text)));
        }

        private static string Text(object value)
        {
            byte[] bytes = value as byte[];
            return bytes == null ? Convert.ToString(value) : Encoding.Latin1.GetString(bytes);
        }

        private sealed class Sources : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object>>
        {
            private readonly Traces _traces;

            public Sources(Traces traces) { _traces = traces; }

            public void OnNext(DiagnosticListener source) { source.Subscribe(this); }

            public void OnNext(KeyValuePair<string, object> told)
            {
                object value = told.Value;
                IEnumerable<object> parts = value == null ? new object[0] : value.GetType().GetProperties().Select(p => p.GetValue(value));
                _traces.Hear("DiagnosticSource", new object[] { told.Key, value }.Concat(parts));
            }

            public void OnCompleted() { }

            public void OnError(Exception error) { }
        }
    }
}
'@
