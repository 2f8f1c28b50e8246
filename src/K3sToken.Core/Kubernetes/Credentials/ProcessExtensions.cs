using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
#if NETFRAMEWORK
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
#endif

namespace K3sToken.Kubernetes;

/// <summary>What .NET Framework's processes lack.</summary>
internal static class ProcessExtensions
{
    /// <summary>Passes arguments so that the program gets each as it is here.</summary>
    public static void SetArguments(this ProcessStartInfo start, IEnumerable<string> arguments)
    {
#if NETFRAMEWORK
        start.Arguments = string.Join(" ", arguments.Select(Quote));
#else
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
#endif
    }

    /// <summary>Ends a process and those it started. One that has ended already is left alone.</summary>
    public static void KillTree(this Process process)
    {
        try
        {
#if NETFRAMEWORK
            string taskkill = Path.Combine(Environment.SystemDirectory, "taskkill.exe");
            string target = "/T /F /PID " + process.Id.ToString(CultureInfo.InvariantCulture);
            using Process killer = Process.Start(new ProcessStartInfo(taskkill, target) { UseShellExecute = false, CreateNoWindow = true });
            killer.WaitForExit();
#else
            process.Kill(entireProcessTree: true);
#endif
        }
        catch (Exception ended) when (ended is InvalidOperationException or Win32Exception or AggregateException)
        {
            // There is nothing left to end, or nothing that may be ended.
        }
    }

#if NETFRAMEWORK
    /// <summary>
    /// An argument as the C runtime's parser reads it back: backslashes count only before a quote.
    /// https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
    /// </summary>
    internal static string Quote(string argument)
    {
        if (argument.Length > 0 && argument.All(c => c is not (' ' or '\t' or '\n' or '\v' or '"')))
        {
            return argument;
        }

        StringBuilder quoted = new("\"");
        int backslashes = 0;
        foreach (char c in argument)
        {
            if (c == '"')
            {
                quoted.Append('\\', backslashes + 1);
            }

            backslashes = c == '\\' ? backslashes + 1 : 0;
            quoted.Append(c);
        }

        return quoted.Append('\\', backslashes).Append('"').ToString();
    }
#endif
}
