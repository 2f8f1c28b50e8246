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

    /// <summary>The YAML parser, loaded when it is first asked for.</summary>
    internal static IYamlParser Yaml => Parser.Value;

#if NETFRAMEWORK
    /// <inheritdoc/>
    public void OnImport() => AppDomain.CurrentDomain.AssemblyResolve += Resolve;

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        ClusterConnections.Session.Dispose();
        AppDomain.CurrentDomain.AssemblyResolve -= Resolve;
    }

    private static IYamlParser LoadParser() => Create(Assembly.LoadFile(Path.Combine(Dependencies, "K3sToken.Yaml.dll")));

    private static Assembly? Resolve(object sender, ResolveEventArgs args)
    {
        if (args.RequestingAssembly is not { IsDynamic: false } requester || !requester.Location.StartsWith(Folder, StringComparison.OrdinalIgnoreCase))
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
#else
    /// <inheritdoc/>
    public void OnImport()
    {
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => ClusterConnections.Session.Dispose();

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
