using System;
using System.IO;
using System.Management.Automation;
using System.Reflection;
using K3sToken.Kubernetes;

namespace K3sToken.PowerShell;

/// <summary>
/// Loads what stands in <c>deps/</c> apart from the session's own assemblies, so that the module works where another one has loaded
/// another version of the same library first.
/// </summary>
public sealed class ModuleAssembly : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly string Folder = Path.GetDirectoryName(typeof(ModuleAssembly).Assembly.Location)!;
    private static readonly string Dependencies = Path.Combine(Folder, "deps");
    private static readonly Lazy<IYamlParser> Parser = new(LoadParser);
    private static readonly object ImportsLock = new();

    // One for each runspace: thread jobs and ForEach-Object -Parallel import the module into their own. A runspace that closes does not
    // remove its modules, so some are never given back.
    private static int _imports;

    /// <summary>The YAML parser, loaded when it is first asked for.</summary>
    internal static IYamlParser Yaml => Parser.Value;

    /// <inheritdoc/>
    public void OnImport()
    {
        lock (ImportsLock)
        {
            if (_imports++ == 0)
            {
                Begin();
            }
        }
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        lock (ImportsLock)
        {
            if (--_imports == 0)
            {
                ClusterConnections.Session.Dispose();
                End();
            }
        }
    }

#if NETFRAMEWORK
    private static void Begin() => AppDomain.CurrentDomain.AssemblyResolve += Resolve;

    private static void End() => AppDomain.CurrentDomain.AssemblyResolve -= Resolve;

    private static IYamlParser LoadParser() => Create(Assembly.LoadFile(Path.Combine(Dependencies, "K3sToken.Yaml.dll")));

    private static Assembly? Resolve(object sender, ResolveEventArgs args)
    {
        if (args.RequestingAssembly is not { IsDynamic: false } requester || !IsOurs(requester))
        {
            return null;
        }

        string name = new AssemblyName(args.Name).Name;
        if (name == typeof(IYamlParser).Assembly.GetName().Name)
        {
            return typeof(IYamlParser).Assembly;
        }

        string file = Path.Combine(Dependencies, name + ".dll");
        return File.Exists(file) ? Assembly.LoadFile(file) : null;
    }

    private static bool IsOurs(Assembly requester) =>
        requester.Location.StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.OrdinalIgnoreCase);
#else
    private static void Begin()
    {
    }

    private static void End()
    {
    }

    private static IYamlParser LoadParser() =>
        Create(new DependencyContext(Dependencies).LoadFromAssemblyPath(Path.Combine(Dependencies, "K3sToken.Yaml.dll")));

    private sealed class DependencyContext(string folder) : System.Runtime.Loader.AssemblyLoadContext("K3sToken")
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            string file = Path.Combine(folder, assemblyName.Name + ".dll");
            return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
        }
    }
#endif

    private static IYamlParser Create(Assembly adapter) =>
        (IYamlParser)Activator.CreateInstance(adapter.GetType("K3sToken.Yaml.YamlDotNetParser", throwOnError: true)!)!;
}
