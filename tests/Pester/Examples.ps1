# Reads the examples of the help pages and runs them on two sandboxes: three servers, which the examples call k3s-1.corp to k3s-3.corp, and
# another cluster with the server test1.corp. Common.ps1 comes before it.

. $PSScriptRoot/Cluster.ps1

$ConsoleWidth = 80

# They are as long as the sandbox's own addresses, so that tables look alike.
$HostNames = 'k3s-1.corp', 'k3s-2.corp', 'k3s-3.corp', 'test1.corp'

# The examples of one page: Command, Title, and Steps. A step is code and what it must show; '' where it must show nothing.
function Get-Example([string] $Page) {
    $command = [IO.Path]::GetFileNameWithoutExtension($Page)
    $text = (Get-Content $Page -Raw) -replace '\r\n', "`n"
    $section = [regex]::Match($text, '(?ms)^## EXAMPLES\n(.*?)^## ').Groups[1].Value
    foreach ($example in [regex]::Matches($section, '(?ms)^### (.*?)\n(.*?)(?=^### |\z)')) {
        $code = '(?ms)^```powershell\n(.*?)\n```(?:\s*^```Output\n(.*?)^```)?'
        $steps = [regex]::Matches($example.Groups[2].Value, $code) | ForEach-Object {
            @{ Code = $_.Groups[1].Value; Shows = $_.Groups[2].Value }
        }
        @{ Command = $command; Title = $example.Groups[1].Value; Steps = @($steps) }
    }
}

# The cluster of the context prod, with three servers; its property Test is that of the context test. Expired tokens stay, for the examples
# that clean up.
function Start-ExampleCluster {
    $cluster = Start-Cluster --servers, 3, --cleaner, off
    $cluster | Add-Member Test (Start-Cluster)
    $cluster | Add-Member Addresses (@($cluster.Servers) + $cluster.Test.Servers -replace '^https://')
    $cluster | Add-Member Kubeconfigs @(
        foreach ($one in @{ Name = 'prod'; Folder = $cluster.Folder }, @{ Name = 'test'; Folder = $cluster.Test.Folder }) {
            $path = "$($one.Folder)/$($one.Name).yaml"
            Set-Content $path ((Get-Content "$($one.Folder)/k3s.yaml" -Raw) -replace '\bdefault\b', $one.Name)
            Protect-File $path
            $path
        }
    )
    $cluster
}

function Stop-ExampleCluster($Cluster) {
    Stop-Cluster $Cluster.Test
    Stop-Cluster $Cluster
}

# Restarts a server with a token, or as K3s does without one, with that of its token file.
function Restart-Server($Cluster, [int] $Number, [string] $Token) {
    $said = @(Invoke-Prompt $Cluster "restart $Number $Token".Trim() '^server-')
    if ($said[-1] -notlike '*has started*') {
        throw $said[-1]
    }
}

# The token that the configuration of a server names.
function Get-ConfiguredToken($Cluster, [int] $Number) {
    $files = Get-ChildItem "$(Get-HostRoot $Cluster $Number)/etc/rancher/k3s/config.yaml.d" -Filter *.yaml -ErrorAction Ignore
    if ($files -and (Get-Content $files -Raw) -match "token: '(.*)'") { $Matches[1] }
}

function Get-HostRoot($Cluster, [int] $Number) {
    Join-Path $Cluster.Folder hosts $HostNames[$Number - 1]
}

# Puts the token of the first server on all servers: as if no example had run before.
function Reset-ExampleCluster($Cluster) {
    $token = (Get-Content "$($Cluster.Data[0])/server/token" -Raw).Trim()
    foreach ($number in 1..3) {
        Remove-Item "$(Get-HostRoot $Cluster $number)/etc/rancher" -Recurse -ErrorAction Ignore
        Restart-Server $Cluster $number $token
    }
}

# What the examples call a server, as the sandbox has it.
function ConvertTo-SandboxText($Cluster, [string] $Text) {
    foreach ($i in 0..3) {
        $Text = $Text.Replace("$($HostNames[$i]):6443", $Cluster.Addresses[$i]).Replace($HostNames[$i], $Cluster.Addresses[$i])
    }
    $Text.Replace('/var/lib/rancher/k3s', $Cluster.Data[0]).Replace('~/.kube/config', $Cluster.Kubeconfigs[0])
}

# And back. Lines of console output are as wide as the addresses of the sandbox, which are as long as the names.
function ConvertFrom-SandboxText($Cluster, [string] $Text) {
    foreach ($i in 0..3) {
        $Text = $Text.Replace($Cluster.Addresses[$i], "$($HostNames[$i]):6443")
    }
    foreach ($folder in $Cluster.Data) {
        $Text = $Text.Replace($folder, '/var/lib/rancher/k3s')
    }
    $Text.Replace($env:KUBECONFIG, '/home/admin/.kube/config') -replace '\bserver-([123])\b', 'k3s-$1'
}

# Types the code of a step and returns what the console shows of it. It is wider where the page has a folder that is longer here.
function Invoke-Step($Cluster, $Step) {
    $width = $ConsoleWidth
    if ($Step.Shows -match '/var/lib/rancher/k3s') { $width += $Cluster.Data[0].Length - $Matches[0].Length }
    $transcript = Join-Path $Cluster.Folder transcript
    if ($Step.Code -match '-WhatIf') {
        $null = Start-Transcript $transcript # of what only the console gets
    }
    $shown = . ([scriptblock]::Create((ConvertTo-SandboxText $Cluster $Step.Code))) *>&1 | ForEach-Object {
        switch ($_) {
            { $_ -is [Management.Automation.ErrorRecord] } { "$($_.InvocationInfo.MyCommand): $_"; break }
            { $_ -is [Management.Automation.WarningRecord] } { "WARNING: $_"; break }
            { $_ -is [Management.Automation.VerboseRecord] } { "VERBOSE: $_"; break }
            default { $_ }
        }
    } | Out-String -Width $width
    if ($Step.Code -match '-WhatIf') {
        $null = Stop-Transcript
        $shown = [regex]::Match((Get-Content $transcript -Raw), '(?s)What if: .*?(?=\r?\n\*{20})').Value + $shown
    }
    ConvertFrom-SandboxText $Cluster $shown
}

# The ids that the set-ups below and the examples name. Every other one is random.
$KnownIds = '001234', '0ldk3y', '5t6u7v', '9f8e7d', 'a1b2c3', 'b4dgr0', 'zz99zz'
$RandomId = "\b(?!$($KnownIds -join '|'))[a-z0-9]{6}\b"

# What differs from run to run: its form on a page, and its form on the console.
$Varying = [ordered]@{
    '(?:(?<=\bK10)|\b)[0-9a-f]{64}\b'             = '[0-9a-f]{64}'
    '\b[a-z0-9]{6}\.[a-z0-9]{16}\b'               = '[a-z0-9]{6}\.[a-z0-9]{16}'
    '\b[0-9a-f]{32}\b'                            = '[0-9a-f]{32}'
    '\b[0-9a-f]{12}\b'                            = '[0-9a-f]{12}'
    # On a page, letters and digits tell an id from a word.
    "(?=\b(?:[a-z]+\d|\d+[a-z]))$RandomId"        = $RandomId
    '@\d{10}\b'                                   = '@\d{10}'
    '\b\d{4}-\d\d-\d\d \d\d:\d\d\b'               = '\d{4}-\d\d-\d\d \d\d:\d\d'
    '\b\d\d?/\d\d?/\d{4} \d\d?:\d\d:\d\d [AP]M\b' = '\d\d?/\d\d?/\d{4} \d\d?:\d\d:\d\d [AP]M'
}
$AnyVarying = $Varying.Keys -join '|'

# When the output on the pages was made, in UTC: its moments are as far from then as those on the console are from now.
$PageTime = [DateTimeOffset] '2026-11-21 23:56Z'

# Lines as they stand, but for spaces at their ends and for how many empty ones stand together.
function ConvertTo-Compared([string] $Text) {
    ($Text -replace '\r\n', "`n" -replace '(?m)[ \t]+$' -replace '\n{3,}', "`n`n").Trim("`n")
}

# What the console shows, written as on the page: a line is the page's if nothing differs but what may. $Meanings keeps for which values of
# the console those of the page stand in the whole example.
function ConvertTo-PageText([string] $Shown, [string] $Page, [hashtable] $Meanings) {
    $pageLines = $Page -split "`n"
    $i = 0
    $lines = foreach ($line in $Shown -split "`n") {
        if ($i -lt $pageLines.Count -and (Test-Line $line $pageLines[$i] $Meanings)) { $pageLines[$i] } else { $line }
        $i++
    }
    $lines -join "`n"
}

function Test-Line([string] $Line, [string] $PageLine, [hashtable] $Meanings) {
    $position = 0
    $pattern = ''
    $values = [regex]::Matches($PageLine, $AnyVarying)
    foreach ($value in $values) {
        $form = foreach ($key in $Varying.Keys) { if ($value.Value -cmatch "^(?:$key)$") { $Varying[$key]; break } }
        $pattern += [regex]::Escape($PageLine.Substring($position, $value.Index - $position)) + "($form)"
        $position = $value.Index + $value.Length
    }
    $found = [regex]::Match($Line, "\A$pattern$([regex]::Escape($PageLine.Substring($position)))\z")
    $i = 0
    $found.Success -and -not ($values | Where-Object { -not (Test-Value $found.Groups[++$i].Value $_.Value $Meanings) })
}

# Whether a value of the console may stand where the page has another of its form.
function Test-Value([string] $Value, [string] $PageValue, [hashtable] $Meanings) {
    if ($PageValue -match '^@|[/-]') {
        return Test-Moment $Value $PageValue
    }
    if (-not $Meanings.ContainsKey($PageValue) -and -not $Meanings.ContainsValue($Value)) {
        $Meanings[$PageValue] = $Value
    }
    $Meanings[$PageValue] -ceq $Value
}

# Moments are fixed ones, or as far ahead as on the page; half an hour is for slow machines.
function Test-Moment([string] $Value, [string] $PageValue) {
    $moment = ConvertTo-Moment $Value AssumeLocal
    $pageMoment = ConvertTo-Moment $PageValue AssumeUniversal
    $drift = ($moment - [DateTimeOffset]::UtcNow) - ($pageMoment - $PageTime)
    $Value -ceq $PageValue -or $moment -eq $pageMoment -or $drift.Duration() -lt '00:30'
}

function ConvertTo-Moment([string] $Text, [Globalization.DateTimeStyles] $Zone) {
    if ($Text[0] -eq '@') { return [DateTimeOffset]::FromUnixTimeSeconds($Text.Substring(1)) }
    [DateTimeOffset]::Parse($Text, [cultureinfo]::InvariantCulture, $Zone)
}

# What the examples find on the machine where they are typed; the session as it was, for Restore-ExampleEnvironment.
function Set-ExampleEnvironment($Cluster) {
    $before = @{
        Location  = Get-Location
        Rendering = $PSStyle.OutputRendering
        Culture   = [cultureinfo]::CurrentCulture
        Confirm   = $ConfirmPreference
    }
    $folder = New-Item (Join-Path $Cluster.Folder work) -ItemType Directory
    Copy-Item "$($Cluster.Data[0])/server/tls/server-ca.crt" $folder
    foreach ($number in 1..3) {
        $units = New-Item "$(Get-HostRoot $Cluster $number)/etc/systemd/system" -ItemType Directory
        Set-Content "$units/k3s.service" 'ExecStart=/usr/local/bin/k3s server'
    }
    Set-Location $folder
    $PSStyle.OutputRendering = 'PlainText'
    $culture = [cultureinfo]::new('en-US') # lines are wrapped between words
    $culture.DateTimeFormat.LongTimePattern = 'h:mm:ss tt' # in some versions of ICU its space is a special one
    [cultureinfo]::CurrentCulture = $culture
    $global:ConfirmPreference = 'None' # as if every question were answered with Y
    $env:KUBECONFIG = $Cluster.Kubeconfigs -join [IO.Path]::PathSeparator
    $env:K3S_URL = "https://$($Cluster.Addresses[0])"
    $env:K3S_DATA_DIR = $Cluster.Data[0]
    $before
}

function Restore-ExampleEnvironment($Before) {
    Set-Location $Before.Location
    $PSStyle.OutputRendering = $Before.Rendering
    $global:ConfirmPreference = $Before.Confirm
    [cultureinfo]::CurrentCulture = $Before.Culture
    Remove-Item env:K3S_URL, env:K3S_DATA_DIR
}

# What examples type besides the module's cmdlets.

# Runs a command on a machine whose files stand in a folder of their own, and whose programs below do no more than they must.
function ssh([string] $Target) {
    $address = $Target -replace '^root@'
    $number = [array]::IndexOf($cluster.Addresses, $address) + 1
    $root = if ($number) { Get-HostRoot $cluster $number } else { Join-Path $cluster.Folder hosts $address }
    $null = New-Item "$root/bin", "$root/etc" -ItemType Directory -Force
    foreach ($program in $Programs.Keys) {
        Set-Content "$root/bin/$program" "#!/bin/sh`n$($Programs[$program].Replace('ROOT', $root))"
    }
    $command = ($args -join ' ').Replace($cluster.Data[0], $cluster.Data[$number - 1]).Replace('/etc/', "$root/etc/")
    $input | ForEach-Object { $_.Replace('/etc/', "$root/etc/") } | sh -c "chmod +x '$root'/bin/*; PATH='$root/bin':`$PATH; $command"
    if (Test-Path "$root/restarted") {
        Restart-Server $cluster $number (Get-ConfiguredToken $cluster $number)
        Remove-Item "$root/restarted"
    }
}

$Programs = @{
    systemctl = 'test "$2" != k3s || touch ROOT/restarted'
    sudo      = 'exec "$@"'
    # The installer of K3s, which is told: agent --server URL --token-file FILE
    curl      = "echo 'test -s `"`$5`" || echo There is no token in `$5.'"
}

$Secrets = @{}

function Set-Secret([string] $Name, $SecureStringSecret) {
    $Secrets[$Name] = $SecureStringSecret
}

function Get-Secret([string] $Name) {
    $Secrets[$Name]
}

# The person types one secret after the other.
function Read-Host([string] $Prompt, [switch] $AsSecureString) {
    $typed.Dequeue()
}

# A rotation whose new token is stored; the given servers have been restarted with it.
function New-Rotation($Cluster, [int[]] $Restarted) {
    Reset-ExampleCluster $Cluster
    $old = (Get-K3sServerToken $Cluster.Data[0]).Token
    $rotation = Invoke-K3sTokenRotation $Cluster.Servers -Token $old -WarningAction Ignore
    foreach ($number in $Restarted) {
        Restart-Server $Cluster $number ([Net.NetworkCredential]::new('', $rotation.NewToken).Password)
    }
    $rotation
}

# The bootstrap tokens of which the examples speak.
function Reset-BootstrapToken($Cluster) {
    Get-K3sBootstrapToken -Context prod, test | Remove-K3sBootstrapToken
    New-Token prod a1b2c3 'worker 17' 1h
    New-Token prod 9f8e7d 'build agents' 0
    New-Token prod 001234 'rack 4' 24h
    New-Token test 5t6u7v 'rack 4' 24h
    $env:KUBECONFIG, $both = $Cluster.Kubeconfigs[0], $env:KUBECONFIG
    New-StoredToken 0ldk3y @{ description = 'worker 12'; expiration = '2026-01-02T18:00:00Z' }
    New-StoredToken b4dgr0 @{ description = 'worker 16'; 'auth-extra-groups' = 'admins' }
    $env:KUBECONFIG = $both
}

function New-Token([string] $Context, [string] $Id, [string] $Description, [string] $TimeToLive) {
    $null = New-K3sBootstrapToken "$Id.0123456789abcdef" -Context $Context -Description $Description -TimeToLive $TimeToLive
}

# What the text of an example takes for granted: for a command, and besides for one of its examples. A variable that is missing here
# makes the example fail.
$ExampleSetups = @{
    'Invoke-K3sTokenRotation'            = {
        Reset-ExampleCluster $cluster
        $servers = $cluster.Servers
        $old = (Get-K3sServerToken $cluster.Data[0]).Token
        $typed = [Collections.Queue] @((Get-K3sServerToken $cluster.Data[0]).Secret)
    }
    'Invoke-K3sTokenRotation, Example 6' = { $rotation = New-Rotation $cluster -Restarted 1, 2, 3 }
    'Get-K3sTokenRotation'               = {
        $rotation = New-Rotation $cluster -Restarted 1
        $typed = [Collections.Queue] @($rotation.Token, $rotation.NewToken)
    }
    'Wait-K3sTokenRotation'              = { $rotation = New-Rotation $cluster -Restarted 1, 2, 3 }
    'Wait-K3sTokenRotation, Example 3'   = { $rotation = New-Rotation $cluster -Restarted 1, 3 }
    'Wait-K3sTokenRotation, Example 4'   = {
        Set-Secret k3s-token $rotation.Token
        Set-Secret k3s-next-token $rotation.NewToken
    }
    'Get-K3sBootstrapToken'              = { Reset-BootstrapToken $cluster }
    'New-K3sBootstrapToken'              = {
        Reset-BootstrapToken $cluster
        Set-Content ./nodes.csv 'Description,TimeToLive,Groups', 'worker 21,2h,', 'camera 1,0,system:bootstrappers:cameras'
    }
    'Set-K3sBootstrapToken'              = { Reset-BootstrapToken $cluster }
    'Remove-K3sBootstrapToken'           = {
        Reset-BootstrapToken $cluster
        Set-Content ./ids.txt a1b2c3, '001234'
        Set-Secret leaked "K10$('0' * 64)::a1b2c3.0123456789abcdef"
    }
    'New-K3sTokenValue'                  = { }
    'Test-K3sToken'                      = {
        Reset-ExampleCluster $cluster
        $servers = $cluster.Servers
        $token = (Get-K3sServerToken $cluster.Data[0]).Token
        $oldToken = "K10$((Get-K3sClusterCA $servers[0]).Hash)::server:of-last-year"
        $typed = [Collections.Queue] @($token)
    }
    'ConvertFrom-K3sToken'               = {
        $token = Get-K3sServerToken $cluster.Data[0]
        $typed = [Collections.Queue] @($token.Token)
        Set-Secret join-token a1b2c3.0123456789abcdef
        Set-Content ./tokens.txt a1b2c3.0123456789abcdef, K10abc::server:short-hash
    }
    'ConvertTo-K3sToken'                 = {
        Reset-BootstrapToken $cluster
        Reset-ExampleCluster $cluster
        $password = (Get-K3sServerToken $cluster.Data[0]).Secret
        $typed = [Collections.Queue] @($password)
    }
    'Get-K3sClusterCA'                   = {
        $servers = $cluster.Servers
        $typed = [Collections.Queue] @((Get-K3sServerToken $cluster.Data[0]).Token)
    }
    'Get-K3sServerToken'                 = {
        Reset-ExampleCluster $cluster
        $rotation = New-Rotation $cluster
    }
    'Get-K3sServerToken, Example 2'      = { Reset-ExampleCluster $cluster }
    'New-K3sJoinCommand'                 = { $token = New-K3sBootstrapToken }
}
