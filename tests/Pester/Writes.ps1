# What a session writes to the disk: in a folder that is watched, and anywhere, where strace can follow it.

# Watches a folder and all that is in it. Stop-Watch takes what is returned.
function Start-Watch([string] $Folder) {
    $watcher = [IO.FileSystemWatcher]::new($Folder)
    $watcher.IncludeSubdirectories = $true
    $watcher.NotifyFilter = 'FileName, DirectoryName, Attributes, Size, LastWrite, Security'
    $watcher.InternalBufferSize = 64KB
    $id = "watch-$([guid]::NewGuid())"
    'Created', 'Changed', 'Deleted', 'Renamed', 'Error' | ForEach-Object { Register-ObjectEvent $watcher $_ "$id-$_" }
    $watcher.EnableRaisingEvents = $true
    [pscustomobject]@{ Watcher = $watcher; Id = $id; End = "$Folder/watch-ends" }
}

# What happened there, each once: 'Created /path', 'Changed /path' and so on.
function Stop-Watch($Watch) {
    # Changes are told in their order: with that of a last file all have been.
    $null = New-Item $Watch.End
    for ($i = 0; $i -lt 500 -and (Get-Event | ForEach-Object { $_.SourceEventArgs.FullPath }) -notcontains $Watch.End; $i++) {
        Start-Sleep -Milliseconds 20
    }

    $Watch.Watcher.Dispose()
    $heard = @(Get-Event | Where-Object SourceIdentifier -Like "$($Watch.Id)-*")
    $heard | Remove-Event
    Get-EventSubscriber | Where-Object SourceIdentifier -Like "$($Watch.Id)-*" | Unregister-Event
    $changes = $heard | ForEach-Object { "$($_.SourceIdentifier -replace '.*-') $($_.SourceEventArgs.FullPath)" }
    if ($changes -notcontains "Created $($Watch.End)") {
        throw "The end of the watch of $($Watch.Watcher.Path) was not heard."
    }

    $changes | Where-Object { $_ -notlike "* $($Watch.End)" } | Select-Object -Unique
}

# How strace is called to write what a program and all that it starts do to files, but for reading, to a file; a name that a platform
# does not have is left out. Nothing where strace is not, or may not look into processes.
function Get-Tracer([string] $File) {
    $calls = 'open', 'openat', 'openat2', 'creat', 'mknod', 'mknodat', 'mkdir', 'mkdirat', 'rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink',
    'symlinkat', 'unlink', 'unlinkat', 'rmdir', 'truncate', 'chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'fchownat', 'utime', 'utimes', 'utimensat'
    $command = 'strace', '-f', '-qq', '-y', '--seccomp-bpf', '-e', "trace=$(($calls | ForEach-Object { "?$_" }) -join ',')", '-o', $File
    if (Get-Command strace -CommandType Application -ErrorAction Ignore) {
        $rest = @($command | Select-Object -Skip 1)
        $null = & strace @rest true 2>&1
        if ($LASTEXITCODE -eq 0) { $command }
    }
}

# What it wrote, without what was opened for reading, each once: 'openat /path', 'mkdir /path' and so on.
function Get-Written([string] $File) {
    $reading = '^open(at2?)?\((?!.*O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE))'
    (Get-Content $File) -replace '^\d+ +' -match '^\w+\(' -notmatch $reading -replace '^(\w+)\([^"]*"([^"]*)".*', '$1 $2' | Select-Object -Unique
}
