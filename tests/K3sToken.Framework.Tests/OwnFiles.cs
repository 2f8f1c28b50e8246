using System;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace K3sToken.Tests;

/// <summary>
/// .NET, where it runs these tests, has older versions of some assemblies beside which they lie. It does not look further by itself.
/// </summary>
internal static class OwnFiles
{
    [ModuleInitializer]
    public static void Offer() => AppDomain.CurrentDomain.AssemblyResolve += (_, args) =>
    {
        string file = Path.Combine(AppDomain.CurrentDomain.BaseDirectory, new AssemblyName(args.Name).Name + ".dll");
        return File.Exists(file) ? Assembly.LoadFile(file) : null;
    };
}
