using System;
using System.IO;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class KubeconfigLocatorTests : IDisposable
{
    private readonly KubeconfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string[] Find(string? named = null) => [.. KubeconfigLocator.Find(named, _folder.Root, _folder.Places)];

    private K3sTokenException NotFound(string? named = null)
    {
        K3sTokenException error = Assert.Throws<K3sTokenException>(() => _folder.Open(named));
        Assert.Equal(ErrorId.KubeconfigNotFound, error.Id);
        return error;
    }

    private static string List(params string[] paths) => string.Join(Path.PathSeparator, paths);

    [Fact]
    public void The_file_the_caller_names_goes_before_all_others()
    {
        string named = _folder.Write("named", "");
        string variable = _folder.Write("variable", "");
        string server = _folder.Write("k3s.yaml", "");
        string home = _folder.Write("home/.kube/config", "");
        _folder.Environment["KUBECONFIG"] = variable;

        Assert.Equal([named], Find(named));
        Assert.Equal([variable], Find());
        Assert.Equal([variable], Find(""));
        _folder.Environment["KUBECONFIG"] = "";
        Assert.Equal([server], Find());
        File.Delete(server);
        Assert.Equal([home], Find());
        File.Delete(home);
        Assert.Empty(Find());
    }

    [Fact]
    public void What_is_no_path_is_not_found() => Assert.Contains("not the path", NotFound("a\0b").Message, StringComparison.Ordinal);

    [Fact]
    public void A_server_file_that_root_does_not_own_is_passed_over()
    {
        _folder.Write("k3s.yaml", "");
        string home = _folder.Write("home/.kube/config", "");
        _folder.Places = _folder.Places with { IsOwnedByRoot = _ => false };
        Assert.Equal([home], Find());
    }

    [Fact]
    public void The_owner_of_a_file_is_told_on_Linux()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Owners are looked up on Linux only.");
        Assert.True(FileOwner.IsRoot("/proc/1"));
        Assert.Equal(Environment.IsPrivilegedProcess, FileOwner.IsRoot(_folder.Write("mine", "")));
        Assert.False(FileOwner.IsRoot(_folder.PathOf("missing")));
    }

    [Fact]
    public void Relative_paths_begin_at_the_directory_given()
    {
        string path = _folder.Write("sub/config", "");
        Assert.Equal([path], Find("sub/config"));
        Assert.Equal([path], Find("./sub/../sub/config"));
    }

    [Fact]
    public void A_tilde_is_the_home_folder()
    {
        string path = _folder.Write("home/.kube/other", "");
        Assert.Equal([path], Find("~/.kube/other"));
        string odd = _folder.Write("~odd", "");
        Assert.Equal([odd], Find("~odd"));
    }

    [Fact]
    public void Files_of_a_list_that_are_missing_or_named_twice_are_left_out()
    {
        string a = _folder.Write("a", "");
        string b = _folder.Write("b", "");
        string list = List("", b, "missing", a, b);
        Assert.Equal([b, a], Find(list));
        _folder.Environment["KUBECONFIG"] = list;
        Assert.Equal([b, a], Find());
    }

    [Fact]
    public void A_file_named_and_not_there_is_an_error_even_where_a_default_exists()
    {
        _folder.Write("home/.kube/config", "");
        Assert.Contains(_folder.PathOf("missing"), NotFound("missing").Message, StringComparison.Ordinal);
        _folder.Environment["KUBECONFIG"] = List("gone", "lost");
        string message = NotFound().Message;
        Assert.Contains("KUBECONFIG", message, StringComparison.Ordinal);
        Assert.All(["gone", "lost"], name => Assert.Contains(_folder.PathOf(name), message, StringComparison.Ordinal));
        _folder.Environment["KUBECONFIG"] = Path.PathSeparator.ToString();
        NotFound();
    }

    [Fact]
    public void Without_any_kubeconfig_the_error_names_every_place_looked_at()
    {
        string message = NotFound().Message;
        string[] files = [_folder.PathOf("k3s.yaml"), _folder.PathOf("home/.kube/config"), _folder.PathOf("serviceaccount")];
        Assert.All([.. files, "KUBECONFIG", "-Kubeconfig"], place => Assert.Contains(place, message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_places_of_this_machine_are_its_own()
    {
        KubeconfigPlaces places = KubeconfigPlaces.OfThisMachine;
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), places.EnvironmentVariable("PATH"));
        Assert.EndsWith(Path.Combine(".kube", "config"), places.HomeFile, StringComparison.Ordinal);
        Assert.Equal(OperatingSystem.IsLinux() ? "/etc/rancher/k3s/k3s.yaml" : null, places.ServerFile);
    }

    [Fact]
    public void A_file_this_account_may_not_read_is_an_error_that_says_what_to_do()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Root and Windows may read it all the same.");
        string path = _folder.Write("k3s.yaml", "");
#pragma warning disable CA1416 // Skipped on Windows.
        File.SetUnixFileMode(path, UnixFileMode.None);
#pragma warning restore CA1416
        K3sTokenException error = Assert.Throws<K3sTokenException>(() => _folder.Open());
        Assert.Equal(ErrorId.KubeconfigInvalid, error.Id);
        Assert.All([path, "sudo", "copy"], word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
