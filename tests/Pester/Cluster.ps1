# A cluster of the sandbox whose servers can be restarted while it serves, as by hand at its prompt. Common.ps1 comes before it.

# Starts it, with options of the executable, and points KUBECONFIG at it. What is returned has Servers (their addresses), Token (the server
# token in full), Hash (that of the CA), Password, Folder and Data: the servers' data directories. Stop-Cluster takes it.
function Start-Cluster([string[]] $Options) {
    $program = Get-ChildItem "$PSScriptRoot/../K3sToken.Sandbox/bin/*/*/K3sToken.Sandbox.dll" | Sort-Object LastWriteTime | Select-Object -Last 1
    $folder = (New-Item (Join-Path ([IO.Path]::GetTempPath()) "k3stoken-$([guid]::NewGuid())") -ItemType Directory).FullName
    $start = [Diagnostics.ProcessStartInfo]::new('dotnet')
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    @($program.FullName, '--kubeconfig', "$folder/k3s.yaml", '--data-dir', "$folder/data") + @($Options | Where-Object { $_ }) | ForEach-Object { $start.ArgumentList.Add($_) }
    $cluster = [pscustomobject]@{
        Process = [Diagnostics.Process]::Start($start); Folder = $folder; Servers = @(); Token = ''; Hash = ''; Password = ''; Data = @(); IsTouched = $false
    }
    $said = Read-Prompt $cluster '^ +help '
    $cluster.Token = [regex]::Match("$said", "K3S_TOKEN = '(.+?)'").Groups[1].Value
    $cluster.Hash, $cluster.Password = $cluster.Token -replace '^K10' -split '::server:'
    $cluster.Servers = @([regex]::Matches(($said -match '\$servers'), 'https://[0-9.:]+').Value)
    $cluster.Data = @(1..$cluster.Servers.Count | ForEach-Object { "$folder/data/server-$_" })
    $env:KUBECONFIG = "$folder/k3s.yaml"
    $cluster
}

# The one of $Kept that still is as it was started, or else a new one: a start takes longer than a test.
function Get-FreshCluster([hashtable] $Kept, [string[]] $Options) {
    if ($Kept.Cluster -and ((Get-Request $Kept.Cluster).Method -contains 'PUT' -or $Kept.Cluster.IsTouched)) {
        Stop-Cluster $Kept.Cluster
        $Kept.Remove('Cluster')
    }

    if (-not $Kept.Cluster) {
        $Kept.Cluster = Start-Cluster $Options
    }

    $env:KUBECONFIG = "$($Kept.Cluster.Folder)/k3s.yaml"
    $Kept.Cluster
}

function Stop-Cluster($Cluster) {
    $Cluster.Process.Kill()
    $Cluster.Process.WaitForExit()
    Remove-Item $Cluster.Folder -Recurse
}

# What it says up to a line that matches.
function Read-Prompt($Cluster, [string] $Last) {
    do {
        $reading = $Cluster.Process.StandardOutput.ReadLineAsync()
        if (-not $reading.Wait(60000) -or $null -eq $reading.Result) {
            throw "The sandbox did not say $Last."
        }

        $reading.Result
    } until ($reading.Result -match $Last)
}

# Types a command at its prompt; the last line of the answer must match.
function Invoke-Prompt($Cluster, [string] $Command, [string] $Last = '^(server-|There is )') {
    $Cluster.IsTouched = $Cluster.IsTouched -or $Command -notin 'requests', 'forget'
    $Cluster.Process.StandardInput.WriteLine($Command)
    Read-Prompt $Cluster $Last
}

# What its servers were asked since the last time: Server, Method, Path, Credentials (whether it had some), Status.
function Get-Request($Cluster) {
    $lines = @(Invoke-Prompt $Cluster requests '^These are all requests') -match '^server-'
    Invoke-Prompt $Cluster forget '^They are forgotten' | Out-Null
    foreach ($line in $lines) {
        $server, $request, $credentials, $status = $line -split '  '
        $method, $path = $request -split ' '
        [pscustomobject]@{ Server = $server; Method = $method; Path = $path; Credentials = $credentials -eq 'with credentials'; Status = [int] $status }
    }
}

# The password that a server's token file holds.
function Get-FilePassword($Cluster, [int] $Number) {
    (Get-Content "$($Cluster.Data[$Number - 1])/server/token" -Raw).Trim() -replace '^K10[0-9a-f]{64}::server:'
}

# Runs a script in another PowerShell, which has the module, at nobody's prompt: what it wrote, to all streams, and whether it failed.
function Invoke-Unattended([string] $Script, [hashtable] $Environment = @{}) {
    $start = [Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path)
    $start.RedirectStandardOutput = $start.RedirectStandardError = $start.RedirectStandardInput = $true
    $start.Environment['NO_COLOR'] = '1'
    foreach ($name in $Environment.Keys) {
        $start.Environment[$name] = $Environment[$name]
    }

    $all = "Import-Module '$((Get-Module K3sToken).Path)'; $Script"
    '-NoProfile', '-NonInteractive', '-Command', $all | ForEach-Object { $start.ArgumentList.Add($_) }
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $problems = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    [pscustomobject]@{ Output = $output; Problems = $problems.Result; Failed = $process.ExitCode -ne 0 }
}
