# Each suite begins with this file: it brings the staged module and nothing else of the checkout, a server to run it on, and a way to
# look at that server that is not the module's own.

# No test may meet the cluster of the person who runs it.
foreach ($name in 'K3S_URL', 'K3S_TOKEN', 'K3S_DATA_DIR') {
    Remove-Item "env:$name" -ErrorAction Ignore
}
$env:KUBECONFIG = Join-Path $PSScriptRoot 'no-kubeconfig-here'

# The cmdlets are tried as at a prompt, whatever the script that runs the suites prefers.
$ErrorActionPreference = 'Continue'

function Find-Module {
    if ($env:K3STOKEN_MODULE) {
        return $env:K3STOKEN_MODULE
    }

    $newest = Get-ChildItem "$PSScriptRoot/../../out/K3sToken" -Directory -ErrorAction Ignore | Sort-Object { [version] $_.Name } | Select-Object -Last 1
    if (-not $newest) {
        throw 'No module is staged: run dotnet build first.'
    }

    $newest.FullName
}

Import-Module (Join-Path (Find-Module) 'K3sToken.psd1') -ErrorAction Stop

# Whether the module that is tried is the build for Windows PowerShell, wherever it runs.
function Test-FrameworkBuild {
    (Get-Command New-K3sTokenValue).DLL -like '*[\/]bin[\/]Desktop[\/]*'
}

# Starts the sandbox, points KUBECONFIG at it, and returns what Stop-Sandbox takes. Options are those of the executable.
function Start-Sandbox([string[]] $Options) {
    $program = Get-ChildItem "$PSScriptRoot/../K3sToken.Sandbox/bin/*/*/K3sToken.Sandbox.dll" | Sort-Object LastWriteTime | Select-Object -Last 1
    if (-not $program) {
        throw 'The sandbox is not built: run dotnet build first.'
    }

    $folder = (New-Item (Join-Path ([IO.Path]::GetTempPath()) "k3stoken-$([guid]::NewGuid())") -ItemType Directory).FullName
    $kubeconfig = Join-Path $folder 'k3s.yaml'
    $output = Join-Path $folder 'output'
    $dataDir = Join-Path $folder 'data'
    $arguments = @("`"$($program.FullName)`"", '--kubeconfig', "`"$kubeconfig`"", '--data-dir', "`"$dataDir`"") + $Options
    $process = Start-Process dotnet $arguments -RedirectStandardOutput $output -NoNewWindow -PassThru
    $sandbox = [pscustomobject]@{ Process = $process; Folder = $folder; Kubeconfig = $kubeconfig }
    $limit = [DateTime]::UtcNow.AddSeconds(60)
    while (-not ((Get-Content $output -Raw) -match '\$env:KUBECONFIG = ')) {
        if ($process.HasExited -or [DateTime]::UtcNow -gt $limit) {
            $said = Get-Content $output -Raw
            Stop-Sandbox $sandbox
            throw "The sandbox did not become ready. It said: $said"
        }

        Start-Sleep -Milliseconds 50
    }

    $env:KUBECONFIG = $kubeconfig
    $sandbox
}

function Stop-Sandbox($Sandbox) {
    if (-not $Sandbox.Process.HasExited) {
        $Sandbox.Process.Kill()
    }

    $Sandbox.Process.WaitForExit()
    Remove-Item $Sandbox.Folder -Recurse
}

# Closes a file to others, as K3s does with its kubeconfig: the module warns of one that holds credentials and is open to them.
function Protect-File([string] $Path) {
    if (-not $IsWindows) {
        [IO.File]::SetUnixFileMode($Path, [IO.UnixFileMode] 'UserRead, UserWrite')
    }
}

# The first value of this name in the kubeconfig; decoded where the name says that it is data.
function Get-KubeconfigValue([string] $Name) {
    if ((Get-Content $env:KUBECONFIG -Raw) -notmatch "\b$Name\W+?([^\s""',}]+)") {
        throw "$env:KUBECONFIG has no $Name."
    }

    if ($Name -like '*-data') { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Matches[1])) } else { $Matches[1] }
}

# As its user, connections kept: most tests ask something of the server.
$sessions = @{}

function Get-ApiSession {
    if (-not $sessions[$env:KUBECONFIG]) {
        $pair = [Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPem(
            (Get-KubeconfigValue client-certificate-data), (Get-KubeconfigValue client-key-data))
        $session = [Microsoft.PowerShell.Commands.WebRequestSession]::new()
        # Schannel wants a key that went through a PFX.
        $certificate = [Security.Cryptography.X509Certificates.X509Certificate2]::new($pair.Export('Pfx'))
        $session.Certificates = [Security.Cryptography.X509Certificates.X509CertificateCollection]::new(@($certificate))
        $sessions[$env:KUBECONFIG] = $session
    }

    $sessions[$env:KUBECONFIG]
}

# One request to the server of $env:KUBECONFIG, which holds its certificates inline: as its user, or with a bearer token. Any status is
# an answer: Status and Body.
function Invoke-Api([string] $Path, [string] $Method = 'Get', $Body, [string] $Bearer) {
    $request = @{
        Uri                  = (Get-KubeconfigValue server) + $Path
        Method               = $Method
        # What the certificates prove is for the tests of the module itself.
        SkipCertificateCheck = $true
        SkipHttpErrorCheck   = $true
        StatusCodeVariable   = 'status'
    }
    if ($Body) {
        $request.Body = ConvertTo-Json $Body -Depth 9
        $request.ContentType = if ($Method -eq 'Patch') { 'application/merge-patch+json' } else { 'application/json' }
    }

    if ($Bearer) {
        $request.Headers = @{ Authorization = "Bearer $Bearer" }
    }
    else {
        $request.WebSession = Get-ApiSession
    }

    $ProgressPreference = 'SilentlyContinue' # the bar takes longer than the request
    $answer = Invoke-RestMethod @request
    [pscustomobject]@{ Status = $status; Body = $answer }
}

$SecretsPath = '/api/v1/namespaces/kube-system/secrets'

# The bootstrap tokens that the server holds, their data decoded: Name, Metadata, Data. Or only the one with this id.
function Get-StoredToken([string] $Id = '*') {
    (Invoke-Api "$SecretsPath`?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken").Body.items |
        Where-Object { $_.metadata.name -like "bootstrap-token-$Id" } |
        ForEach-Object {
            $data = @{}
            foreach ($entry in $_.data.PSObject.Properties) {
                $data[$entry.Name] = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($entry.Value))
            }
            [pscustomobject]@{ Name = $_.metadata.name; Metadata = $_.metadata; Data = $data }
        }
}

# Puts a bootstrap token into the server, whatever its data: an entry that is null is left out.
function New-StoredToken([string] $Id, [hashtable] $Data = @{}, [string] $Name = "bootstrap-token-$Id") {
    $all = @{
        'token-id'                       = $Id
        'token-secret'                   = '0123456789abcdef'
        'usage-bootstrap-authentication' = 'true'
        'usage-bootstrap-signing'        = 'true'
        'auth-extra-groups'              = 'system:bootstrappers:k3s:default-node-token'
    }
    $encoded = @{}
    foreach ($key in @($all.Keys) + @($Data.Keys) | Select-Object -Unique) {
        $value = if ($Data.ContainsKey($key)) { $Data[$key] } else { $all[$key] }
        if ($null -ne $value) {
            $encoded[$key] = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($value))
        }
    }

    $answer = Invoke-Api $SecretsPath Post @{
        apiVersion = 'v1'; kind = 'Secret'; type = 'bootstrap.kubernetes.io/token'; metadata = @{ name = $Name }; data = $encoded
    }
    if ($answer.Status -ne 201) {
        throw "The server did not take the token: $($answer.Status) $($answer.Body.message)"
    }
}

# Removes what Get-StoredToken found.
function Remove-StoredToken([Parameter(ValueFromPipeline)] $Token) {
    process {
        $null = Invoke-Api "$SecretsPath/$($Token.Name)" Delete
    }
}

# What the CA hash of the server of $env:KUBECONFIG must be: that of the bundle it hands out, or else of the kubeconfig's.
function Get-ExpectedCAHash {
    $served = Invoke-Api /cacerts
    $bundle = if ($served.Status -eq 200) { $served.Body } else { Get-KubeconfigValue certificate-authority-data }
    $hash = [Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($bundle))
    [Convert]::ToHexString($hash).ToLowerInvariant()
}

# Points KUBECONFIG at the throw-away cluster of K3STOKEN_LIVE_KUBECONFIG, if somebody said that it is one: LiveCluster.cs has the rule.
function Use-LiveCluster {
    $servers = [regex]::Matches((Get-Content $env:K3STOKEN_LIVE_KUBECONFIG -Raw), '\bserver["'']?\s*:\s*["'']?([^\s"'',}]+)') |
        ForEach-Object { $_.Groups[1].Value } | Select-Object -Unique
    if (@($servers).Count -ne 1 -or $servers -cne $env:K3STOKEN_LIVE_THROWAWAY) {
        throw "K3STOKEN_LIVE_KUBECONFIG leads to $($servers -join ' and '), and nobody said that it may be changed. If it is a throw-away " +
            "cluster, set K3STOKEN_LIVE_THROWAWAY to the server's URL, and give a kubeconfig that knows no other cluster."
    }

    $env:KUBECONFIG = $env:K3STOKEN_LIVE_KUBECONFIG
}
