# What stays of secrets in the memory of a session that has used them: nothing, but for the copies that docs/security.md lists.
BeforeDiscovery {
    $cases = @(
        'a token that was listed', 'a token that was looked up', 'a token that was listed with -IncludeSecret',
        'a token that was created', 'a token that was given', 'a token that was given with -WhatIf', 'a token that was given with a wrong group',
        'a token that was changed', 'a token that was removed', 'a server token that was tested', 'a wrong server token that was tested',
        'a server token that was read from a file', 'an agent token that was read from a file', 'a token that was taken apart',
        'a token that was made secure', 'the current token of a rotation', 'the new token of a rotation', 'a token that was watched',
        'the private key of a kubeconfig', 'the private key from an exec plugin', 'the private key of a key file', 'the text of a token file',
        'the token of a token file, but for its header', 'the answer of an exec plugin with a token',
        'the token of an exec plugin, but for its header') | ForEach-Object { @{ Secret = $_ } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Cluster.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Memory.ps1

    function New-Text([int] $Length = 16) {
        -join (1..$Length | ForEach-Object { 'abcdefghijklmnopqrstuvwxyz0123456789'[(Get-Random 36)] })
    }

    if (-not $IsLinux -or (Test-FrameworkBuild)) {
        return
    }

    $secrets = @{}
    foreach ($name in 'a token that was listed', 'a token that was looked up', 'a token that was listed with -IncludeSecret', 'a token that was given',
        'a token that was given with -WhatIf', 'a token that was given with a wrong group', 'a token that was changed', 'a token that was removed',
        'a wrong server token that was tested', 'an agent token that was read from a file', 'a token that was taken apart',
        'a token that was made secure', 'the new token of a rotation', 'a token that was watched', 'control') {
        $secrets[$name] = New-Text
    }

    $password = New-Text 32
    $cluster = Start-Cluster '--cleaner', 'off', '--token', $password
    $secrets['a server token that was tested'] = $secrets['a server token that was read from a file'] = $password
    $secrets['the current token of a rotation'] = $password
    New-StoredToken listed @{ 'token-secret' = $secrets['a token that was listed'] }
    New-StoredToken lookup @{ 'token-secret' = $secrets['a token that was looked up'] }
    New-StoredToken secret @{ 'token-secret' = $secrets['a token that was listed with -IncludeSecret'] }
    New-StoredToken change @{ 'token-secret' = $secrets['a token that was changed'] }
    New-StoredToken remove @{ 'token-secret' = $secrets['a token that was removed'] }
    New-StoredToken plains @{ 'token-secret' = $secrets['control'] }
    $agentFolder = New-Item "$TestDrive/agent/server" -ItemType Directory
    Set-Content "$agentFolder/agent-token" "K10$($cluster.Hash)::node:$($secrets['an agent token that was read from a file'])"
    Protect-File "$agentFolder/agent-token"

    # Another pair for the plugin: the text of a key counts only once.
    $key = [Security.Cryptography.ECDsa]::Create([Security.Cryptography.ECCurve]::CreateFromFriendlyName('nistP256'))
    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=plugin', $key, [Security.Cryptography.HashAlgorithmName]::SHA256)
    $certificate = $request.CreateSelfSigned([DateTimeOffset]::Now.AddDays(-1), [DateTimeOffset]::Now.AddDays(1))
    $credential = @{
        kind = 'ExecCredential'; apiVersion = 'client.authentication.k8s.io/v1'
        status = @{ clientCertificateData = $certificate.ExportCertificatePem(); clientKeyData = $key.ExportECPrivateKeyPem() }
    }
    ConvertTo-Json $credential | Set-Content "$TestDrive/credential.json"
    $secrets['the private key from an exec plugin'] = ($key.ExportECPrivateKeyPem() -split '\n')[1].Substring(0, 40)
    $secrets['the private key of a kubeconfig'] = ((Get-KubeconfigValue client-key-data) -split '\n')[1].Substring(0, 40)
    $plugin = New-UserKubeconfig 'exec:', '  apiVersion: client.authentication.k8s.io/v1', '  interactiveMode: Never', '  command: cat',
        "  args: ['$TestDrive/credential.json']"

    # The header is a string of the token alone, which stays. A file's text and a plugin's answer have something before the token, and an array
    # of characters has four zeros there, of its length, where a string has its length: those are the module's own copies.
    $fileToken = New-Text 24
    Set-Content "$TestDrive/token" "`t`t$fileToken"
    Protect-File "$TestDrive/token"
    $secrets['the text of a token file'] = "`t`t$fileToken"
    $secrets['the token of a token file, but for its header'] = "`0`0$fileToken"
    $pluginToken = New-Text 24
    Set-Content "$TestDrive/answer.json" ('{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"' + $pluginToken + '"}}')
    $secrets['the answer of an exec plugin with a token'] = "`"token`":`"$pluginToken"
    $secrets['the token of an exec plugin, but for its header'] = "`0`0$pluginToken"
    $secrets['control of arrays'] = "`0`0$($secrets['control'])"
    $pair = New-Certificate 'CN=file' ([DateTimeOffset]::Now.AddDays(-1)) ([DateTimeOffset]::Now.AddDays(1))
    $keyText = [Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($pair.Key))
    Set-Content "$TestDrive/key.pem" $keyText
    Protect-File "$TestDrive/key.pem"
    $secrets['the private key of a key file'] = ($keyText -split '\n')[1].Substring(0, 40)
    $logins = @(
        New-UserKubeconfig "tokenFile: $TestDrive/token"
        New-UserKubeconfig 'exec:', '  apiVersion: client.authentication.k8s.io/v1', '  interactiveMode: Never', '  command: cat', "  args: ['$TestDrive/answer.json']"
        New-UserKubeconfig "client-certificate-data: $($pair.Certificate)", "client-key: $TestDrive/key.pem"
    )

    $masked = @{}
    foreach ($name in $secrets.Keys) { $masked[$name] = Get-Masked $secrets[$name] }
    $session = Start-Session -Arguments @{
        Masked = $masked; Server = $cluster.Servers[0]; Hash = $cluster.Hash; Data = $cluster.Data[0]; AgentData = "$TestDrive/agent"
        CA = "$($cluster.Data[0])/server/tls/server-ca.crt"; Plugin = $plugin; Logins = $logins; Head = Get-Masked "K10$($cluster.Hash)::server:"
    } -Script @'
$WarningPreference = $ErrorActionPreference = 'SilentlyContinue'
function Token([string] $Head, [string] $Name) { Unmask (@([int[]][char[]] $Head | ForEach-Object { $_ -bxor 77 }) + $a.Masked[$Name]) }
function Server([string] $Name) { Unmask ($a.Head + $a.Masked[$Name]) }
filter Clear-Token { foreach ($name in 'Token', 'ShortToken', 'Secret', 'NewToken', 'NewShortToken') { if ($_.$name -is [securestring]) { $_.$name.Dispose() } } }
function Use([securestring] $Secure, [scriptblock] $Script) { try { & $Script $Secure } finally { $Secure.Dispose() } }

Get-K3sBootstrapToken | Out-Null
Get-K3sBootstrapToken lookup | Out-Null
Get-K3sBootstrapToken secret -IncludeSecret | Clear-Token
New-K3sBootstrapToken | ForEach-Object { [Console]::WriteLine("created $($_.Id)"); $_ | Clear-Token }
Use (Token 'giveni.' 'a token that was given') { New-K3sBootstrapToken $args[0] | Clear-Token }
Use (Token 'whatif.' 'a token that was given with -WhatIf') { New-K3sBootstrapToken $args[0] -WhatIf | Out-Null }
Use (Token 'wrongg.' 'a token that was given with a wrong group') { New-K3sBootstrapToken $args[0] -Groups system:masters }
Set-K3sBootstrapToken change -Description x -PassThru | Out-Null
Remove-K3sBootstrapToken remove -PassThru | Out-Null
Use (Server 'a server token that was tested') { [Console]::WriteLine("test $((Test-K3sToken $args[0] -Server $a.Server).Succeeded)") }
Use (Server 'a wrong server token that was tested') { [Console]::WriteLine("test $((Test-K3sToken $args[0] -Server $a.Server).Succeeded)") }
Get-K3sServerToken $a.Data | Clear-Token
Get-K3sServerToken $a.AgentData -Kind Agent | Clear-Token
Use (Server 'a token that was taken apart') { ConvertFrom-K3sToken $args[0] | Clear-Token }
Use (Unmask $a.Masked['a token that was made secure']) { (ConvertTo-K3sToken $args[0] -Server $a.Server).Dispose() }
Use (Unmask $a.Masked['the new token of a rotation']) {
    Invoke-K3sTokenRotation $a.Server -DataDir $a.Data -NewToken $args[0] -Force -WhatIf
    Use (Server 'a token that was watched') { Get-K3sTokenRotation $args[0] $args[0] -Server $a.Server | Out-Null }
}
[Console]::WriteLine("plugin $(Get-K3sBootstrapToken -Kubeconfig $a.Plugin -ErrorVariable failed; $failed.FullyQualifiedErrorId)")
foreach ($login in $a.Logins) {
    [Console]::WriteLine("login $(Get-K3sBootstrapToken -Kubeconfig $login -ErrorVariable failed; $failed.FullyQualifiedErrorId)")
}
$plain = (Get-K3sBootstrapToken plains -AsPlainText).ShortToken
$array = ($plain -split '\.')[1].ToCharArray()
Remove-Module K3sToken
'@
    $id = ($session.Said -match '^created (\w+)') -replace '^created '
    $secrets['a token that was created'] = (Get-StoredToken $id).Data['token-secret']
    $texts = [Linq.Enumerable]::Distinct([string[]] (@($secrets.Values) + $fileToken + $pluginToken))
    $found = @(Find-InMemory $session.Process $texts)

    # PowerShell's own comparison does not see zeros.
    function Get-Found([string] $Text) {
        $found | Where-Object { $_.Text.Equals($Text) }
    }
}

AfterAll {
    if ($session) { Stop-Session $session }
    if ($cluster) { Stop-Cluster $cluster }
}

Describe 'The memory of a session' -Skip:(-not $IsLinux) {
    BeforeEach {
        if (Test-FrameworkBuild) {
            Set-ItResult -Skipped -Because 'the memory of the other build is that of another platform'
        }
    }

    It 'has been searched: a secret that was asked for as text is found, and the cmdlets have done what they should' {
        Get-Found $secrets['control'] | Should -Not -BeNullOrEmpty
        $session.Said -match '^test' | Should -Be 'test True', 'test False'
        $session.Said -match '^plugin' | Should -Be 'plugin AuthenticationFailed,K3sToken.PowerShell.Commands.GetBootstrapTokenCommand'
        (Get-StoredToken giveni).Data['token-secret'] | Should -Be $secrets['a token that was given']
    }

    It 'holds the tokens of a token file and of an exec plugin in the headers that they were sent in, and an array of characters is told from a string' {
        $session.Said -match '^login' | Should -Be (@('login AuthenticationFailed,K3sToken.PowerShell.Commands.GetBootstrapTokenCommand') * 3)
        foreach ($token in $fileToken, $pluginToken) {
            Get-Found $token | Where-Object As -EQ characters | Should -Not -BeNullOrEmpty
        }

        Get-Found $secrets['control of arrays'] | Where-Object As -EQ characters | Should -Not -BeNullOrEmpty
    }

    It 'holds no copy of <Secret>' -ForEach $cases {
        $secrets[$Secret] | Should -Not -BeNullOrEmpty
        $copies = Get-Found $secrets[$Secret] | ForEach-Object { "$($_.As) at $($_.At): $($_.Around)" }
        $copies | Should -BeNullOrEmpty
    }
}
