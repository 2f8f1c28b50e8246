using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class BoundedFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("k3stoken-files-");

    [Fact]
    public void A_file_is_read_whole()
    {
        string path = Path.Combine(_folder.FullName, "file");
        File.WriteAllBytes(path, [1, 2, 3]);

        Assert.Equal([1, 2, 3], BoundedFile.Read(path));
        Assert.Equal([1, 2, 3], BoundedFile.Read(path, most: 3));
        Assert.Null(BoundedFile.Read(path, most: 2));
        File.WriteAllBytes(path, []);
        Assert.Empty(BoundedFile.Read(path)!);
    }

    [Fact]
    public void What_is_no_file_fails_as_files_do()
    {
        Assert.Throws<FileNotFoundException>(() => BoundedFile.Read(Path.Combine(_folder.FullName, "missing")));
        Assert.ThrowsAny<SystemException>(() => BoundedFile.Read(_folder.FullName));
    }

    [Fact]
    public async Task A_pipe_is_read_whole()
    {
        string pipe = MakePipe();
        Task writing = Task.Run(() => File.WriteAllBytes(pipe, [4, 5, 6]), TestContext.Current.CancellationToken);

        Assert.Equal([4, 5, 6], BoundedFile.Read(pipe));
        await writing;
    }

    [Fact]
    public void A_pipe_that_nobody_writes_to_is_not_waited_for_forever()
    {
        string pipe = MakePipe();

        IOException error = Assert.Throws<IOException>(() => BoundedFile.Read(pipe));

        Assert.Contains("pipe", error.Message, StringComparison.Ordinal);
        using FileStream letGo = new(pipe, FileMode.Open, FileAccess.Write);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string MakePipe()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No pipe is a file there.");
        string path = Path.Combine(_folder.FullName, "pipe");
        using Process make = Process.Start("mkfifo", path);
        make.WaitForExit();
        return path;
    }
}
