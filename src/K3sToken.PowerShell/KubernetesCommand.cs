using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.PowerShell;

/// <summary>What the cmdlets that talk to the Kubernetes API share: finding the cluster.</summary>
public abstract class KubernetesCommand : ConnectingCommand
{
    private const int TargetsInMessage = 20;

    private readonly Dictionary<string, Kubeconfig> _kubeconfigs = [];
    private readonly Dictionary<(string?, string?), BootstrapTokenStore> _stores = [];
    private bool _clusterIsTyped;
    private bool _kubeconfigIsTyped;
    private List<(object? Target, K3sTokenException Error)>? _atTheEnd;
    private bool _mayWarn;
    private RequestWindow? _window;

    /// <summary>Begins what a connection needs, before the parameters say to where.</summary>
    protected KubernetesCommand() => HostCertificates.BeginLoading();

    /// <summary>Seconds to wait for each request.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 30;

    /// <summary>What the command does, for its progress bar.</summary>
    private protected abstract string Activity { get; }

    /// <summary>Whether its requests change anything.</summary>
    private protected virtual bool Changes => true;

    /// <summary>The requests that are under way.</summary>
    private protected RequestWindow Window => _window ??= new RequestWindow(this, Activity);

    /// <inheritdoc/>
    protected override void EndProcessing() => Window.Finish();

    /// <summary>
    /// Where the pipeline ended before the command did, what is under way is waited for, unless the person has stopped it, and what came of
    /// it is told on the console: there is no other way left to tell it.
    /// </summary>
    private protected override void EndEarly()
    {
        if (Changes && _window is not null && !Stopping && _window.EndEarly(() => Stopping, Unsaid()) is { } told && _mayWarn)
        {
            Host?.UI?.WriteWarningLine(ConsoleText.Of(told));
        }
    }

    private List<string> Unsaid() => _atTheEnd is null ? [] : [.. _atTheEnd.Select(failure => $"{failure.Target}: {failure.Error.Message}")];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _kubeconfigIsTyped = MyInvocation.BoundParameters.ContainsKey("Kubeconfig");
        _clusterIsTyped = _kubeconfigIsTyped || MyInvocation.BoundParameters.ContainsKey("Context");
        _mayWarn = PreferenceFor("Warning") is not (ActionPreference.Ignore or ActionPreference.SilentlyContinue);
    }

    /// <summary>The contexts that a text means: the one of exactly this name, else all that the wildcard matches.</summary>
    private protected IReadOnlyList<string> MatchContexts(string? kubeconfig, string text)
    {
        try
        {
            IReadOnlyList<string> matches = Read(kubeconfig).MatchContexts(text, WildcardPattern.Get(text, WildcardOptions.IgnoreCase).IsMatch);
            return matches.Count > 0 || WildcardPattern.ContainsWildcardCharacters(text) ? matches : [text];
        }
        catch (WildcardPatternException)
        {
            throw new K3sTokenException(
                ErrorId.ContextNotFound, $"'{text}' is neither the name of a context nor a wildcard: a [ of it has no ]. Before a [ of a name stands a `.");
        }
    }

    /// <summary>The tokens of the cluster that a context leads to; of the current context where no name is given.</summary>
    private protected BootstrapTokenStore Open(string? kubeconfig, string? context)
    {
        if (!_stores.TryGetValue((kubeconfig, context), out BootstrapTokenStore? store))
        {
            ClusterContext cluster = Resolve(kubeconfig, context);
            store = new BootstrapTokenStore(ClusterConnections.Session.Open(cluster, Notices, TimeSpan.FromSeconds(TimeoutSec)));
            _stores.Add((kubeconfig, context), store);
        }

        return store;
    }

    /// <summary>What -TimeToLive and -ExpiresOn say together; null where neither was given.</summary>
    private protected Lifetime? LifetimeOf(TimeSpan? timeToLive, DateTime? expiresOn)
    {
        if (timeToLive is not null && expiresOn is not null)
        {
            ThrowAmbiguous("Give -TimeToLive or -ExpiresOn, not both.");
        }

        return timeToLive is TimeSpan span ? Lifetime.Of(span) : expiresOn is DateTime moment ? Lifetime.Until(moment) : null;
    }

    /// <summary>Ends the command with the error that PowerShell has for parameters that do not go together.</summary>
    private protected void ThrowAmbiguous(string message) => ThrowTerminatingError(
        new ErrorRecord(new PSArgumentException(message), "AmbiguousParameterSet", ErrorCategory.InvalidArgument, targetObject: null));

    /// <summary>
    /// Writes an error about one item and goes on. An error that lies in the kubeconfig or context which the person typed ends the command.
    /// One that ends it comes after the outcome of everything that is under way, of which nothing could be said after it.
    /// </summary>
    internal void Report(K3sTokenException error, object? target)
    {
        if (_atTheEnd is not null)
        {
            _atTheEnd.Add((target, error));
            return;
        }

        bool isTyped = _clusterIsTyped && error.Id is (ErrorId.KubeconfigNotFound or ErrorId.KubeconfigInvalid or ErrorId.ContextNotFound);
        List<(object? Target, K3sTokenException Error)> errors = [(target, error)];
        if (isTyped || EndsCommand("Error"))
        {
            FinishWhatIsUnderWay(errors);
        }

        Write(errors, isTyped);
    }

    /// <summary>
    /// Writes what came of a request, and what there is to say of it. Where that ends the command, it comes after the outcome of everything
    /// that is under way.
    /// </summary>
    internal void WriteOutcome(Task<Outcome> request, string target)
    {
        try
        {
            Outcome outcome = WaitQuietly(request);
            WriteHarmlessNotices();
            outcome.Write();
        }
        catch (K3sTokenException e)
        {
            WriteHarmlessNotices();
            Report(e, target);
        }

        if (_atTheEnd is null && Notices.Any)
        {
            if (NoticesEndCommand)
            {
                List<(object? Target, K3sTokenException Error)> errors = [];
                FinishWhatIsUnderWay(errors);
                Write(errors, areLast: false);
            }

            Notices.WriteTo(this);
        }
    }

    private bool NoticesEndCommand => EndsCommand("Warning") || EndsCommand("Verbose");

    private void WriteHarmlessNotices()
    {
        if (Notices.Any && !NoticesEndCommand)
        {
            Notices.WriteTo(this);
        }
    }

    /// <summary>Waits for what is under way and writes what came of it, but for the errors, which go to the others.</summary>
    private void FinishWhatIsUnderWay(List<(object? Target, K3sTokenException Error)> errors)
    {
        _atTheEnd = errors;
        Window.Finish();
        _atTheEnd = null;
    }

    // Of several errors only the first comes out where it ends the command: of the others a warning tells, or where that would end it
    // even before, the error itself.
    private void Write(List<(object? Target, K3sTokenException Error)> errors, bool areLast)
    {
        for (int i = 0; i < errors.Count; i++)
        {
            ErrorRecord record = errors[i].Error.ToRecord(errors[i].Target);
            if (i == 0 && errors.Count > 1 && (areLast || EndsCommand("Error")))
            {
                string more = ConsoleText.Of(Others(errors));
                if (EndsCommand("Warning"))
                {
                    record.ErrorDetails = new ErrorDetails($"{record.Exception.Message} {more}");
                }
                else
                {
                    WriteWarning(more);
                }
            }

            if (areLast)
            {
                ThrowTerminatingError(record);
            }

            WriteError(record);
        }
    }

    private static string Others(List<(object? Target, K3sTokenException Error)> errors)
    {
        string targets = string.Join(", ", errors.Skip(1).Take(TargetsInMessage).Select(failure => failure.Target));
        string more = errors.Count - 1 > TargetsInMessage ? $" and {errors.Count - 1 - TargetsInMessage} more" : "";
        return $"Besides what ended the command, this failed: {targets}{more}. The first of it: {errors[1].Error.Message}";
    }

    private ClusterContext Resolve(string? kubeconfig, string? context)
    {
        ClusterContext cluster = Read(kubeconfig).Resolve(context);
        if (kubeconfig is null || _kubeconfigIsTyped || IsDefault(cluster.Kubeconfig))
        {
            NamedKubeconfigs.Add(cluster);
        }
        else
        {
            NamedKubeconfigs.Require(cluster);
        }

        return cluster;
    }

    private bool IsDefault(string? path)
    {
        try
        {
            return Read(null).Path == path;
        }
        catch (K3sTokenException)
        {
            return false;
        }
    }

    private Kubeconfig Read(string? path)
    {
        if (!_kubeconfigs.TryGetValue(path ?? "", out Kubeconfig? kubeconfig))
        {
            string here = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
            kubeconfig = Kubeconfig.Open(path, here, KubeconfigPlaces.OfThisMachine, ModuleAssembly.Yaml);
            _kubeconfigs.Add(path ?? "", kubeconfig);
        }

        return kubeconfig;
    }
}
