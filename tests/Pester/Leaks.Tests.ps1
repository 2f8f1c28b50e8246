# Where secrets would stay if somebody forgot them: errors, streams, traces, transcripts, logs, files, other programs. Secrets.Tests.ps1 looks
# at the cmdlets for bootstrap tokens in detail; here are all of them, with each kind of credential.
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Cluster.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Secrets.ps1
    . $PSScriptRoot/HostileServer.ps1
    . $PSScriptRoot/Traces.ps1
    . $PSScriptRoot/Writes.ps1
    $password = New-Secret
    $agentPassword = New-Secret
    $cluster = Start-Cluster '--cleaner', 'off', '--token', $password, '--agent-token', $agentPassword
    $server = $cluster.Servers[0]
    $dead = Get-DeadServer
    $head = "K10$($cluster.Hash)::"
    $caFile = "$TestDrive/ca.pem"
    Get-KubeconfigValue certificate-authority-data | Set-Content $caFile -NoNewline
    New-StoredToken stored @{ 'token-secret' = New-Secret }
    $traces = [K3sToken.TestTraces.Traces]::new()

    # All that is on the disk beside the cluster's kubeconfig and its tokens: name, time, mode and content.
    function Get-FileFacts {
        Get-ChildItem $cluster.Folder -Recurse -Force | Where-Object FullName -NotMatch '/datastore\b' | Sort-Object FullName | ForEach-Object {
            "$($_.FullName) $($_.LastWriteTimeUtc.Ticks) $($_.UnixFileMode) $(if (-not $_.PSIsContainer) { (Get-FileHash $_.FullName).Hash })"
        }
    }

    function New-PluginKubeconfig([string] $Script) {
        $plugin = Join-Path $TestDrive "$([guid]::NewGuid()).sh"
        Set-Content $plugin "#!/bin/sh`n$Script"
        New-UserKubeconfig 'exec:', '  apiVersion: client.authentication.k8s.io/v1', '  interactiveMode: Never', '  command: sh', "  args: ['$plugin', 'plain']"
    }

    $files = Get-FileFacts
}

AfterAll {
    $traces.Dispose()
    Stop-Cluster $cluster
}

Describe 'Every cmdlet, with every kind of secret' {
    It 'says none, in any stream, error or trace: <Name>' -ForEach @(
        @{ Name = 'Test-K3sToken'; Run = { Test-K3sToken "${head}server:$password" -Server $server } }
        @{ Name = 'Test-K3sToken as agent'; Run = { Test-K3sToken "${head}node:$agentPassword" -Server $server -Role Agent } }
        @{ Name = 'Test-K3sToken, a wrong password'; Run = { Test-K3sToken "${head}server:$(New-Secret)" -Server $server } }
        @{ Name = 'Test-K3sToken, a bare password'; Run = { Test-K3sToken (New-Secret) -Server $server } }
        @{ Name = 'Test-K3sToken, a bootstrap token'; Run = { Test-K3sToken "${head}stored.$(New-Secret)" -Server $server } }
        @{ Name = 'Test-K3sToken -Quiet, nobody there'; Run = { Test-K3sToken "${head}server:$(New-Secret)" -Server $dead -Quiet } }
        @{ Name = 'Test-K3sToken, another hash'; Run = { Test-K3sToken "K10$('0' * 64)::server:$(New-Secret)" -Server $server } }
        @{ Name = 'Test-K3sToken, no token'; Run = { Test-K3sToken "K10abc::server:$(New-Secret)" -Server $server } }
        @{ Name = 'Test-K3sToken, something around it'; Run = { Test-K3sToken "K3S_TOKEN=${head}server:$(New-Secret)" -Server $server } }
        @{ Name = 'Test-K3sToken, the token as server'; Run = { Test-K3sToken "${head}server:$password" -Server "${head}server:$(New-Secret)" } }
        @{ Name = 'ConvertTo-K3sToken'; Run = { ConvertTo-K3sToken (New-Secret) -Server $server } }
        @{ Name = 'ConvertTo-K3sToken -CACertificate'; Run = { ConvertTo-K3sToken (New-Secret) -CACertificate $caFile } }
        @{ Name = 'ConvertTo-K3sToken, another hash'; Run = { ConvertTo-K3sToken "K10$('0' * 64)::server:$(New-Secret)" -Server $server } }
        @{ Name = 'ConvertFrom-K3sToken'; Run = { ConvertFrom-K3sToken "${head}server:$(New-Secret)" } }
        @{ Name = 'ConvertFrom-K3sToken, no token'; Run = { ConvertFrom-K3sToken "K10::$(New-Secret)" } }
        @{ Name = 'Get-K3sServerToken'; Run = { Get-K3sServerToken $cluster.Data[0]; Get-K3sServerToken $cluster.Data[0] -Kind Agent } }
        @{ Name = 'Get-K3sServerToken, two lines'; Run = {
                $folder = New-Item "$TestDrive/$([guid]::NewGuid())/server" -ItemType Directory
                Set-Content "$folder/token" "${head}server:$(New-Secret)", (New-Secret)
                Get-K3sServerToken (Split-Path $folder)
            }
        }
        @{ Name = 'Get-K3sClusterCA'; Run = { Get-K3sClusterCA $server } }
        @{ Name = 'Get-K3sTokenRotation'; Run = { Get-K3sTokenRotation "${head}server:$password" (New-Secret) -Server $server, $dead } }
        @{ Name = 'Wait-K3sTokenRotation'; Run = { Wait-K3sTokenRotation "${head}server:$password" (New-Secret) -Server $server -Timeout 1s } }
        @{ Name = 'Invoke-K3sTokenRotation -WhatIf'; Run = { Invoke-K3sTokenRotation $server -Token "${head}server:$password" -NewToken (New-Secret) -WhatIf } }
        @{ Name = 'Invoke-K3sTokenRotation, a wrong token'; Run = {
                Invoke-K3sTokenRotation $server -Token "${head}server:$(New-Secret)" -NewToken (New-Secret) -Confirm:$false
            }
        }
        @{ Name = 'Invoke-K3sTokenRotation, no new token'; Run = {
                foreach ($bad in "abcdef.$(New-Secret)", "K10$(New-Secret)", "$(New-Secret) ", "${head}server:$(New-Secret)`n", "K10$('0' * 64)::server:$(New-Secret)") {
                    Invoke-K3sTokenRotation $server -Token "${head}server:$password" -NewToken $bad -Confirm:$false
                }
            }
        }
        @{ Name = 'Invoke-K3sTokenRotation, a token of the environment'; Run = {
                $env:K3S_TOKEN = "${head}server:$(New-Secret)"
                try { Invoke-K3sTokenRotation $server -Confirm:$false } finally { Remove-Item env:K3S_TOKEN }
            }
        }
        @{ Name = 'New-K3sJoinCommand, a server of this machine'; Run = { New-K3sJoinCommand "${head}server:$(New-Secret)" -Server localhost } }
        @{ Name = 'New-K3sJoinCommand, another role'; Run = { New-K3sJoinCommand "${head}abcdef.$(New-Secret)" -Server k3s.invalid -Role Server } }
        @{ Name = 'New-K3sJoinCommand'; Run = { New-K3sJoinCommand "abcdef.$(New-Secret)" -Server k3s.invalid | Out-Null } }
        @{ Name = 'New-K3sTokenValue'; Run = { New-K3sTokenValue Server } }
        @{ Name = 'Get-, New-, Set-, Remove-K3sBootstrapToken'; Run = {
                Get-K3sBootstrapToken -IncludeSecret
                New-K3sBootstrapToken "xyz789.$(New-Secret)" | Set-K3sBootstrapToken -Ttl 1h -PassThru | Remove-K3sBootstrapToken -PassThru
            }
        }
        @{ Name = 'a bearer token'; Run = { Get-K3sBootstrapToken -Kubeconfig (New-UserKubeconfig "token: $(New-Secret)") } }
        @{ Name = 'a bearer token with a space'; Run = { Get-K3sBootstrapToken -Kubeconfig (New-UserKubeconfig "token: '$(New-Secret) x'") } }
        @{ Name = 'a password'; Run = { Get-K3sBootstrapToken -Kubeconfig (New-UserKubeconfig 'username: admin', "password: $(New-Secret)") } }
        @{ Name = 'a token file'; Run = {
                Set-Content "$TestDrive/token" (New-Secret)
                Get-K3sBootstrapToken -Kubeconfig (New-UserKubeconfig "tokenFile: $TestDrive/token")
            }
        }
        @{ Name = 'a token file with two words'; Run = {
                Set-Content "$TestDrive/token" "$(New-Secret) $(New-Secret)"
                Get-K3sBootstrapToken -Kubeconfig (New-UserKubeconfig "tokenFile: $TestDrive/token")
            }
        }
        @{ Name = 'a kubeconfig that is broken beside the token'; Run = {
                Get-K3sBootstrapToken -Kubeconfig (New-UserKubeconfig "token: [$(New-Secret)", "password: $(New-Secret): x")
            }
        }
        @{ Name = 'a kubeconfig with a key that is none'; Run = {
                $key = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes("-----BEGIN PRIVATE KEY-----`n$(New-Secret)`n-----END PRIVATE KEY-----"))
                Get-K3sBootstrapToken -Kubeconfig (New-Kubeconfig 'client-key-data: \S+' "client-key-data: $key")
            }
        }
        @{ Name = 'an exec plugin'; Run = {
                $answer = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"' + (New-Secret) + '"}}'
                Get-K3sBootstrapToken -Kubeconfig (New-PluginKubeconfig "echo '$answer'")
            }
        }
        @{ Name = 'an exec plugin that answers nonsense'; Run = { Get-K3sBootstrapToken -Kubeconfig (New-PluginKubeconfig "echo token: $(New-Secret)") } }
        @{ Name = 'an exec plugin that answers and fails'; Run = { Get-K3sBootstrapToken -Kubeconfig (New-PluginKubeconfig "echo $(New-Secret); exit 3") } }
        @{ Name = 'a proxy with a password'; Run = {
                $proxy = "proxy-url: http://me:$(New-Secret)@127.0.0.1:$(([uri] $dead).Port)"
                Get-K3sBootstrapToken -Kubeconfig (New-Kubeconfig '(server: \S+)' "`$1`n    $proxy")
            }
        }
    ) {
        # The requests by which the tests look at the server are heard, too: they come after.
        $span = @{}
        $text = Get-AllSaid { $before = $traces.Heard.Count; try { . $Run } finally { $span.Heard = $traces.Heard | Select-Object -Skip $before } }
        Find-Secret $text | Should -BeNullOrEmpty
        Find-Secret ($span.Heard -join "`n") | Should -BeNullOrEmpty
    }

    It 'says none that a server sends back <Where>' -ForEach @(
        @{ Where = 'in place of the status line'; Answer = { "$($args[0])`r`n`r`n" } }
        @{ Where = 'as the reason after the status'; Answer = { "HTTP/1.1 401 $($args[0])`r`nContent-Length: 0`r`n`r`n" } }
        @{ Where = 'as a broken header'; Answer = { "HTTP/1.1 200 OK`r`n$($args[0]) `r`n x`r`n`r`n" } }
        @{ Where = 'as a header'; Answer = { "HTTP/1.1 401 X`r`nWarning: 299 - `"$($args[0])`"`r`nWWW-Authenticate: $($args[0])`r`nContent-Length: 0`r`n`r`n" } }
        @{ Where = 'in a Status'; Answer = {
                $body = "{`"kind`":`"Status`",`"message`":`"no such token: $($args[0])`",`"reason`":`"Forbidden`"}"
                "HTTP/1.1 403 X`r`nContent-Type: application/json`r`nContent-Length: $($body.Length)`r`n`r`n$body"
            }
        }
        @{ Where = 'in plain in a Status'; Answer = {
                $plain = try { [Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($args[0])) -replace '.*:' } catch { $args[0] -replace '.*\.' }
                $body = "{`"kind`":`"Status`",`"message`":`"no such token: $plain`",`"reason`":`"Forbidden`"}"
                "HTTP/1.1 403 X`r`nContent-Type: application/json`r`nContent-Length: $($body.Length)`r`n`r`n$body"
            }
        }
        @{ Where = 'as a broken length'; Answer = { "HTTP/1.1 200 OK`r`nContent-Length: $($args[0])`r`n`r`n" } }
        @{ Where = 'as the type of the body'; Answer = { "HTTP/1.1 200 OK`r`nContent-Type: application/$($args[0] -replace '=')`r`nContent-Length: 0`r`n`r`n" } }
        @{ Where = 'as a broken chunk'; Answer = { "HTTP/1.1 200 OK`r`nContent-Type: application/json`r`nTransfer-Encoding: chunked`r`n`r`n$($args[0])`r`n" } }
        @{ Where = 'in a broken body'; Answer = { "HTTP/1.1 200 OK`r`nContent-Type: application/json`r`nContent-Length: 999`r`n`r`n{`"kind`":`"$($args[0])`"" } }
    ) {
        $hostile = Start-HostileServer -Answer "param(`$Head) `$sent = [regex]::Match(`$Head, '(?m)^Authorization: \S+ (.+?)\r?`$').Groups[1].Value; & { $Answer } `$sent"
        try {
            $bearer = New-Kubeconfig 'server: \S+' "server: $($hostile.Server)" (New-UserKubeconfig "token: $(New-Secret)")
            $bearer = New-Kubeconfig 'certificate-authority-data: \S+' "certificate-authority-data: $($hostile.CA64)" $bearer
            $text = Get-AllSaid {
                Get-K3sBootstrapToken -Kubeconfig $bearer
                New-K3sBootstrapToken -Kubeconfig $bearer
                Test-K3sToken "K10$($hostile.Hash)::server:$(New-Secret)" -Server $hostile.Server
                Test-K3sToken "K10$($hostile.Hash)::abcdef.$(New-Secret)" -Server $hostile.Server
            }
            ($hostile.Log -match '^Authorization').Count | Should -BeGreaterThan 2
            Find-Secret $text | Should -BeNullOrEmpty
        }
        finally {
            Stop-HostileServer $hostile
        }
    }

    It 'has been listened to, and hands its headers to nobody' {
        $before = $traces.Heard.Count
        $null = Get-K3sBootstrapToken
        $heard = @($traces.Heard | Select-Object -Skip $before)
        $heard -match '^System.Net.Http: RequestStart.*/api/v1/namespaces/kube-system/secrets' | Should -Not -BeNullOrEmpty
        $heard -match '^DiagnosticSource|^Activity System.Net.Http:' | Should -BeNullOrEmpty
    }

    It 'writes to no kubeconfig and no token file' {
        Get-FileFacts | Should -Be $files
    }
}

Describe 'A session' {
    BeforeAll {
        $folder = (New-Item "$TestDrive/session" -ItemType Directory).FullName
        'home', 'temp', 'work' | ForEach-Object { $null = New-Item "$folder/$_" -ItemType Directory }
        $pluginToken = New-Secret
        $plugin = New-PluginKubeconfig @"
env > '$folder/environment'
tr '\0' '\n' < /proc/`$`$/cmdline > '$folder/arguments'
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"$pluginToken"}}'
"@
        New-StoredToken sessio @{ 'token-secret' = New-Secret }
        $given = @{
            Server = $server; Folder = $folder; Data = $cluster.Data[0]; Plugin = $plugin; Whole = "${head}server:$password"; New = New-Secret
            Bootstrap = "given1.$(New-Secret)"; Id = "sessio.$($handled[-1])"; Bearer = New-UserKubeconfig "token: $(New-Secret)"
            File = New-UserKubeconfig "tokenFile: $folder/token"
        }
        Set-Content "$folder/token" (New-Secret)
        Protect-File "$folder/token"
        Copy-Item (Find-Module) "$folder/module" -Recurse
        Copy-Item $env:KUBECONFIG "$folder/k3s.yaml"
        ConvertTo-Json $given | Set-Content "$TestDrive/given.json"
        Set-Content "$TestDrive/session.ps1" @'
param($Module, $Given)
$given = ConvertFrom-Json (Get-Content $Given -Raw)
$null = Start-Transcript "$($given.Folder)/transcript"
Import-Module $Module
(Get-Module K3sToken).LogPipelineExecutionDetails = $true
$VerbosePreference = $DebugPreference = 'Continue'
Get-K3sBootstrapToken $given.Id | Format-List *
$given.Id | Get-K3sBootstrapToken -IncludeSecret | Format-List *
New-K3sBootstrapToken $given.Bootstrap | Format-List *
New-K3sBootstrapToken -Token $given.Bootstrap
$given.Bootstrap | Set-K3sBootstrapToken -Description changed -PassThru
Remove-K3sBootstrapToken -Id $given.Bootstrap -PassThru
$given.Id, 'nosuch.0000000000000000' | Remove-K3sBootstrapToken
Test-K3sToken $given.Whole -Server $given.Server
$given.Whole | Test-K3sToken -Server $given.Server -Quiet
[pscustomobject]@{ Token = $given.Whole; Server = $given.Server } | Test-K3sToken
$given.Whole | ConvertFrom-K3sToken
ConvertTo-K3sToken -Token $given.Whole -Server $given.Server
Get-K3sServerToken $given.Data | Format-List *
Get-K3sClusterCA $given.Server
Get-K3sTokenRotation $given.Whole $given.New -Server $given.Server
Wait-K3sTokenRotation -Token $given.Whole -NewToken $given.New -Server $given.Server -Timeout 1s
Invoke-K3sTokenRotation $given.Server -Token $given.Whole -NewToken $given.New -WhatIf
$null = New-K3sJoinCommand -Token $given.Whole -Server k3s.invalid
New-K3sTokenValue
Get-K3sBootstrapToken -Kubeconfig $given.Plugin
Get-K3sBootstrapToken -Kubeconfig $given.Bearer
Get-K3sBootstrapToken -Kubeconfig $given.File
Invoke-K3sTokenRotation $given.Server -Token $given.Whole -NewToken $given.New -Confirm:$false
$null = Stop-Transcript
'@
        $log = [Collections.Generic.List[string]]::new()
        if (-not (Test-Path /dev/log) -and (Get-Item /dev -ErrorAction Ignore) -and [Environment]::IsPrivilegedProcess -and $IsLinux) {
            $syslog = [Net.Sockets.Socket]::new('Unix', 'Dgram', 'Unspecified')
            $syslog.Bind([Net.Sockets.UnixDomainSocketEndPoint]::new('/dev/log'))
        }

        # Outside of what is watched.
        $trace = "$($cluster.Folder)/trace"
        $tracer = @(Get-Tracer $trace)
        $command = $tracer + (Get-Process -Id $PID).Path
        $start = [Diagnostics.ProcessStartInfo]::new($command[0])
        $start.RedirectStandardOutput = $start.RedirectStandardError = $start.RedirectStandardInput = $true
        $start.WorkingDirectory = "$folder/work"
        $start.Environment['KUBECONFIG'] = "$folder/k3s.yaml"
        $start.Environment['HOME'] = "$folder/home"
        $start.Environment['TMPDIR'] = "$folder/temp"
        $start.Environment['POWERSHELL_TELEMETRY_OPTOUT'] = '1' # or it writes a file
        @($command | Select-Object -Skip 1) + '-NoProfile', '-NonInteractive', '-File', "$TestDrive/session.ps1", "$folder/module/K3sToken.psd1", "$TestDrive/given.json" |
            ForEach-Object { $start.ArgumentList.Add($_) }
        $watch = Start-Watch $TestDrive
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        $problems = $process.StandardError.ReadToEndAsync()
        $reading = $process.StandardOutput.ReadToEndAsync()
        $buffer = [byte[]]::new(65536)
        while (-not $process.WaitForExit(20) -or ($syslog -and $syslog.Available)) {
            while ($syslog -and $syslog.Available) {
                $log.Add([Text.Encoding]::UTF8.GetString($buffer, 0, $syslog.Receive($buffer)))
            }
        }

        # The transcript; what the plugin, a shell, writes; PowerShell; .NET, which names its threads and is open to debuggers.
        $ofOthers = "^\w+ $([regex]::Escape($folder))/((transcript|environment|arguments)|temp/(CoreFxPipe_|clr-debug-pipe-|dotnet-diagnostic-)[^/]*" +
            '|home/\.(cache|local|config)(/share)?(/powershell(/Modules|/(StartupProfileData|ModuleAnalysisCache)-[^/]*)?)?)$' +
            '|^openat (/proc/self/task/\d+/comm|/dev/shm/sem\.clrst\w+|/dev/null)$|^fchmod\(\d+<socket:'
        $changed = Stop-Watch $watch
        $written = if ($tracer) { Get-Written $trace }
        $screen = $reading.Result + $problems.Result
        Add-StoredSecret
    }

    AfterAll {
        if ($syslog) {
            $syslog.Dispose()
            Remove-Item /dev/log -ErrorAction Ignore
        }
    }

    It 'leaves no secret on the screen and in the transcript' {
        Find-Secret $screen | Should -BeNullOrEmpty
        $transcript = Get-Content "$folder/transcript" -Raw
        $transcript | Should -Match 'CAVerified|Succeeded'
        Find-Secret $transcript | Should -BeNullOrEmpty
    }

    It 'leaves no secret in the log of pipelines' {
        if (-not $syslog) {
            Set-ItResult -Skipped -Because 'only root can listen to the system log, and only where nobody else does'
        }

        $text = $log -join "`n"
        $text | Should -Match 'CommandInvocation\(Test-K3sToken\)'
        $text | Should -Match 'ParameterBinding\(Remove-K3sBootstrapToken\): name="Id"; value="given1"'
        Find-Secret $text | Should -BeNullOrEmpty
    }

    It 'creates and changes no file where it works: in the home, the temporary and the current folder, beside kubeconfigs, in the module' {
        (Get-Request $cluster).Method | Should -Contain PUT
        $changed | Should -Contain "Changed $folder/transcript"
        $changed -notmatch $ofOthers | Should -BeNullOrEmpty
    }

    It 'opens no file anywhere to write to it, and makes, moves, changes and removes none' {
        if (-not $tracer) {
            Set-ItResult -Skipped -Because 'strace is not here, or may not look into processes'
        }

        $written | Should -Contain "openat $folder/transcript"
        $written -notmatch $ofOthers | Should -BeNullOrEmpty
    }

    It 'leaves no secret in a file' {
        $texts = Get-ChildItem "$folder/home", "$folder/temp" -Recurse -File -Force | ForEach-Object { [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($_)) }
        Find-Secret ($texts -join "`n") | Should -BeNullOrEmpty
    }

    It 'hands an exec plugin its own arguments and its contract, and no secret' {
        Get-Content "$folder/arguments" | Select-Object -Last 1 | Should -Be plain
        $environment = Get-Content "$folder/environment"
        $known = 'HOME', 'TMPDIR', 'KUBERNETES_EXEC_INFO', 'PWD', 'SHLVL', '_', 'OLDPWD', 'PSModulePath', 'DOTNET_.*', 'POWERSHELL_.*', 'COMPlus_.*' + @((Get-ChildItem env:).Name | ForEach-Object { [regex]::Escape($_) })
        $environment -match '^\w+=' -notmatch "^($($known -join '|'))=" | Should -BeNullOrEmpty
        ($environment -match '^KUBERNETES_EXEC_INFO=') -replace '^.*?=' |
            Should -Be '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}'
        Find-Secret ($environment -join "`n") | Should -BeNullOrEmpty
    }

    It 'leaves lines with a token out of the history file of PSReadLine, whose filter knows the nouns of the cmdlets, and keeps the others' {
        if (-not (Get-Module PSReadLine -ListAvailable)) {
            Set-ItResult -Skipped -Because 'PSReadLine is not here'
        }

        Import-Module PSReadLine
        $cmdlets = (Get-Command -Module K3sToken).Name
        $named = @($cmdlets -match 'Token')
        $cmdlets | Where-Object { $_ -notin $named } | Should -Be Get-K3sClusterCA, New-K3sJoinCommand
        $left = @(foreach ($cmdlet in $named) {
                "$cmdlet 'K10abc::server:x'", "$cmdlet abcdef.0123456789abcdef -Server x", "$cmdlet `$a `$b", "'abcdef.0123456789abcdef' | $cmdlet"
                "$cmdlet -Token abcdef.0123456789abcdef", "$cmdlet -Tok x", "`$x = & K3sToken\$cmdlet x | Select-Object -First 1"
            }
            '-Token K10abc::server:x', '-Token:K10abc::server:x', "-Server x -Token 'K10abc::server:x'", '-Token "$a.K10abc::server:x"', "-Token ('K10abc::server:x')" | ForEach-Object { "New-K3sJoinCommand $_" }
            '$token = "K10abc::server:x"'; '$env:K3S_TOKEN = "K10abc::server:x"')
        $kept = 'New-K3sJoinCommand K10abc::server:x', "'K10abc::server:x' | New-K3sJoinCommand", 'New-K3sJoinCommand -Tok K10abc::server:x', 'New-K3sJoinCommand -Server x K10abc::server:x',
        'New-K3sJoinCommand -Token $t', 'tk K10abc::server:x', '$t = "K10abc::server:x"'
        $left | Where-Object { [Microsoft.PowerShell.PSConsoleReadLine]::GetDefaultAddToHistoryOption($_) -ne 'MemoryOnly' } | Should -BeNullOrEmpty
        $kept | Where-Object { [Microsoft.PowerShell.PSConsoleReadLine]::GetDefaultAddToHistoryOption($_) -ne 'MemoryAndFile' } | Should -BeNullOrEmpty
    }
}
