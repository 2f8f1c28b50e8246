# Servers and files that mean harm: what they cannot make the module do.
BeforeDiscovery {
    $redirects = foreach ($status in 301, 302, 307, 308) { foreach ($scheme in 'https', 'http') { @{ Status = $status; Scheme = $scheme } } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Cluster.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/HostileServer.ps1
    . $PSScriptRoot/Failures.ps1
    $sandbox = Start-Sandbox '--cleaner', 'off'
    $token = "K10$('0' * 64)::server:0123456789abcdef"

    # Sets a title, clears the screen, overwrites the line, turns the text around. No colours: those are PowerShell's own as well.
    $evil = "`e]0;owned`a`e[2J`e[1;1H$([char] 0x9b)2J`r`b$([char] 0x202e)$([char] 0x2066)"
    $evilJson = ConvertTo-Json $evil -EscapeHandling EscapeNonAscii
    $evilJson = $evilJson.Substring(1, $evilJson.Length - 2)
    $evilBytes = [Text.Encoding]::Latin1.GetString([Text.Encoding]::UTF8.GetBytes($evil -replace '[\r\n]'))
    $evil64 = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("before $evil after"))

    # What a console is sent for objects, errors, warnings and the rest.
    function Get-Screen([scriptblock] $Shown) {
        $rendering = $PSStyle.OutputRendering
        $PSStyle.OutputRendering = 'Ansi'
        $VerbosePreference = 'Continue'
        try {
            $said = @(try { & $Shown *>&1 } catch { $_ })
            $said | Out-String -Width 200
            $said | Format-List | Out-String -Width 200
            $said | ForEach-Object { if ($_ -is [Management.Automation.ErrorRecord]) { $_.Exception.Message; $_ | Get-Error | Out-String } else { "$_" } }
        }
        finally {
            $PSStyle.OutputRendering = $rendering
        }
    }

    # What Tab offers at the end of a line.
    function Complete([string] $Line) {
        (TabExpansion2 $Line $Line.Length).CompletionMatches
    }

    function Assert-Harmless([string[]] $Screen) {
        $text = ($Screen -join "`n") -replace '\e\[[\d;]*m'
        $text | Should -Not -BeNullOrEmpty
        [regex]::Matches($text, '[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]') |
            ForEach-Object { 'U+{0:X4} in: {1}' -f [int] $_.Value[0], ($text.Substring([Math]::Max(0, $_.Index - 60), [Math]::Min(120, $text.Length - [Math]::Max(0, $_.Index - 60))) -replace '[^\x20-\x7e]', '.') } |
            Should -BeNullOrEmpty
    }

    function Invoke-Hostile([string] $Answer, [scriptblock] $Script, [hashtable] $State = @{}) {
        $hostile = Start-HostileServer $Answer $State
        try {
            $kubeconfig = New-HostileKubeconfig $hostile
            $token = "K10$($hostile.Hash)::server:0123456789abcdef"
            . $Script
        }
        finally {
            Stop-HostileServer $hostile
        }
    }

    $answerJson = 'param($Head, $State) "HTTP/1.1 $($State.Status) X`r`nContent-Type: application/json`r`nContent-Length: $($State.Body.Length)`r`n`r`n$($State.Body)"'
}

AfterAll {
    Stop-Sandbox $sandbox
}

Describe 'The console' {
    It 'is not steered by a listing' {
        $secrets = foreach ($name in 'bootstrap-token-abcdef', "bootstrap-token-abc$evilJson", "x$evilJson") {
            '{"metadata":{"name":"' + $name + '","uid":"' + $evilJson + '"},"type":"bootstrap.kubernetes.io/token","data":{"token-id":"YWJjZGVm",' +
            '"token-secret":"MDEyMzQ1Njc4OWFiY2RlZg==","description":"' + $evil64 + '","auth-extra-groups":"' + $evil64 + '","expiration":"' + $evil64 +
            '","usage-bootstrap-authentication":"dHJ1ZQ==","usage-bootstrap-' + $evilJson + '":"dHJ1ZQ=="}}'
        }
        Invoke-Hostile $answerJson -State @{ Status = 200; Body = '{"kind":"SecretList","items":[' + ($secrets -join ',') + ']}' } {
            $tokens = Get-K3sBootstrapToken -Kubeconfig $kubeconfig
            $tokens.Count | Should -Be 3
            Assert-Harmless (Get-Screen { $tokens })
            Assert-Harmless (Get-Screen { $tokens | Format-Wide })
            Assert-Harmless (Get-Screen { $tokens | Format-List * })
            Assert-Harmless (Get-Screen { $tokens | Remove-K3sBootstrapToken -WhatIf })
            Assert-Harmless (Get-Screen { $tokens | Set-K3sBootstrapToken -Description x })
            Assert-Harmless (Get-Screen { Get-K3sBootstrapToken abcdef -Kubeconfig $kubeconfig })
            $offers = Complete "Get-K3sBootstrapToken -Kubeconfig '$kubeconfig' -Id "
            Assert-Harmless (@('offers') + $offers.CompletionText + $offers.ToolTip)
        }
    }

    It 'is not steered by a Status: <Status>' -ForEach @(400, 401, 403, 404, 409, 410, 422, 429, 500, 503 | ForEach-Object { @{ Status = $_ } }) {
        $body = '{"kind":"Status","message":"x ' + $evilJson + '","reason":"Bad' + $evilJson + '","details":{"name":"bootstrap-token-' + $evilJson +
        '","causes":[{"field":"' + $evilJson + '"}]},"metadata":{"continue":"' + $evilJson + '"}}'
        Invoke-Hostile $answerJson -State @{ Status = $Status; Body = $body } {
            Assert-Harmless (Get-Screen { Get-K3sBootstrapToken -Kubeconfig $kubeconfig -TimeoutSec 1 })
            Assert-Harmless (Get-Screen { 'abcdef' | Remove-K3sBootstrapToken -Kubeconfig $kubeconfig -TimeoutSec 1 })
            Assert-Harmless (Get-Screen { New-K3sBootstrapToken -Kubeconfig $kubeconfig -TimeoutSec 1 })
            Assert-Harmless (Get-Screen { Test-K3sToken $token -Server $hostile.Server -TimeoutSec 1 })
        }
    }

    It 'is not steered by <What>' -ForEach @(
        @{ What = 'an HTML page'; Answer = 'HTTP/1.1 502 X{0}Content-Type: text/html{0}{0}<html>{1}</html>' }
        @{ What = 'the text after the status'; Answer = 'HTTP/1.1 500 {1}{0}Content-Length: 0{0}{0}' }
        @{ What = 'a line in place of the status'; Answer = '{1}{0}{0}' }
        @{ What = 'a Warning header'; Answer = 'HTTP/1.1 200 X{0}Warning: 299 - "{1}"{0}Content-Type: application/json{0}{0}{{"kind":"SecretList","items":[]}}' }
        @{ What = 'a content type'; Answer = 'HTTP/1.1 200 X{0}Content-Type: x/{1}{0}{0}x' }
        @{ What = 'the target of a redirect'; Answer = 'HTTP/1.1 302 X{0}Location: https://a/{1}{0}Content-Length: 0{0}{0}' }
    ) {
        $raw = $Answer -f "`r`n", ($evilBytes -replace '\r')
        Invoke-Hostile 'param($Head, $State) $State.Raw' -State @{ Raw = $raw } {
            Assert-Harmless (Get-Screen { Get-K3sBootstrapToken -Kubeconfig $kubeconfig -TimeoutSec 2; 'x' })
            Assert-Harmless (Get-Screen { Test-K3sToken $token -Server $hostile.Server -TimeoutSec 2 })
        }
    }

    It 'is not steered by the name of a certificate' {
        $hostile = Start-HostileServer -Answer '"HTTP/1.1 404 X`r`nContent-Length: 0`r`n`r`n"' -Subject "evil$evil"
        try {
            Set-Content "$TestDrive/evil.pem" $hostile.CA -NoNewline
            Assert-Harmless (Get-Screen { Get-K3sClusterCA $hostile.Server })
            Assert-Harmless (Get-Screen { Get-K3sClusterCA -Path "$TestDrive/evil.pem" })
            $untrusting = New-Kubeconfig 'server: \S+' "server: $($hostile.Server)"
            $screen = Get-Screen { Get-K3sBootstrapToken -Kubeconfig $untrusting }
            "$screen" | Should -Match 'is issued by ''CN=.*evil'
            Assert-Harmless $screen
        }
        finally {
            Stop-HostileServer $hostile
        }
    }

    It 'is not steered by a name in a kubeconfig: <Section>' -ForEach @(
        @{ Section = 'context'; Pattern = '(?s)(contexts:.*?name: )default' }
        @{ Section = 'cluster'; Pattern = '(?s)(clusters:.*?name: )default' }
        @{ Section = 'user'; Pattern = '(?s)(users:.*?name: )default' }
        @{ Section = 'current-context'; Pattern = '(current-context: )default' }
    ) {
        $path = New-Kubeconfig $Pattern "`${1}`"default$($evilJson -replace '\\u00([89])', '\x$1')`""
        $screen = Get-Screen { Get-K3sBootstrapToken -Kubeconfig $path }
        "$screen" | Should -Match 'KubeconfigInvalid|ContextNotFound'
        Assert-Harmless $screen
        $offers = Complete "Get-K3sBootstrapToken -Kubeconfig '$path' -Context "
        Assert-Harmless (@('offers') + $offers.CompletionText + $offers.ToolTip)
    }

    It 'is not steered by an exec plugin: <What>' -ForEach @(
        @{ What = 'its error output'; Lines = '  command: sh', '  args: ["-c", "cat EVIL >&2; exit 1"]' }
        @{ What = 'its output'; Lines = '  command: sh', '  args: ["-c", "cat EVIL"]' }
        @{ What = 'its name'; Lines = '  command: "no-such-EVILJSON"', '  installHint: "get it EVILJSON"' }
    ) {
        Set-Content "$TestDrive/evil" $evil
        $lines = $Lines -replace 'EVILJSON', $evilJson -replace 'EVIL', "$TestDrive/evil"
        $path = New-UserKubeconfig (@('exec:', '  apiVersion: client.authentication.k8s.io/v1', '  interactiveMode: Never') + $lines)
        $screen = Get-Screen { Get-K3sBootstrapToken -Kubeconfig $path }
        "$screen" | Should -Match AuthenticationFailed
        Assert-Harmless $screen
    }

    It 'is not steered by an exec plugin with interactiveMode <Mode> where nobody is at the console' -ForEach @(
        @{ Mode = 'Never'; Reasons = 'failed with exit code 1. It said: ', 'gave no credential', 'was not found' }
        @{ Mode = 'IfAvailable'; Reasons = 'failed with exit code 1. It said: ', 'gave no credential', 'was not found' }
        @{ Mode = 'Always'; Reasons = @('needs a person at a console') * 3 }
    ) {
        Set-Content "$TestDrive/evil" $evil
        $commands = foreach ($lines in
            ('  command: sh', "  args: ['-c', 'cat $TestDrive/evil >&2; exit 1']"),
            ('  command: sh', "  args: ['-c', 'cat $TestDrive/evil >&2; cat $TestDrive/evil']"),
            ("  command: `"no-such-$evilJson`"", "  installHint: `"get it $evilJson`"")) {
            "Get-K3sBootstrapToken -Verbose -Kubeconfig '$(New-UserKubeconfig (@('exec:', '  apiVersion: client.authentication.k8s.io/v1', "  interactiveMode: $Mode") + $lines))'"
        }

        # All that a console would get: from the module, and from the plugins past it.
        $said = Invoke-Unattended "$($commands -join '; '); foreach (`$e in `$Error) { [Console]::WriteLine(`"== `$(`$e.Exception.Message)`") }"
        Assert-Harmless $said.Output, $said.Problems
        $messages = @($said.Output -split '(?m)^(?=== )' -match '^== ')
        [Array]::Reverse($messages)
        $messages.Count | Should -Be 3
        0..2 | ForEach-Object { $messages[$_] | Should -BeLike "*$($Reasons[$_])*" }
    }

    It 'is not steered by a token' {
        $hash = ("$([char] 0x202e)`e[2J" + 'x' * 64).Substring(0, 62)
        $screen = Get-Screen { ConvertFrom-K3sToken "K10${hash}::user${evil}:password" }
        "$screen" | Should -Match user
        Assert-Harmless (($screen | Select-Object -First 2))
        Assert-Harmless (Get-Screen { Test-K3sToken "K10${hash}::user${evil}:password" -Server (Get-KubeconfigValue server) })
    }
}

Describe 'Tab' {
    It 'puts no command of a server into the line' {
        $secret = '{"metadata":{"name":"bootstrap-token-NAME"},"type":"bootstrap.kubernetes.io/token","data":{"token-id":"YWJjZGVm"}}'
        $items = 'abcdef', '$(calc)', "'; calc; '" | ForEach-Object { $secret -creplace 'NAME', $_ }
        Invoke-Hostile $answerJson -State @{ Status = 200; Body = '{"kind":"SecretList","items":[' + ($items -join ',') + ']}' } {
            foreach ($quote in '', '"', "'") {
                (Complete "Get-K3sBootstrapToken -Kubeconfig '$kubeconfig' -Id $quote").CompletionText | Should -Be "${quote}abcdef$quote"
            }
        }
    }

    It 'puts no command of a kubeconfig into the line' {
        $path = Join-Path $TestDrive names.yaml
        Set-Content $path "contexts: [{ name: 'x`$(calc)', context: {} }, { name: 'y`"; calc', context: {} }]"
        foreach ($quote in '', '"', "'") {
            foreach ($offer in (Complete "Get-K3sBootstrapToken -Kubeconfig '$path' -Context $quote").CompletionText) {
                $offer | Should -Match "^'[^']+'`$"
            }
        }
    }
}

Describe 'A redirect' {
    It 'is not followed by any request: <Status> to <Scheme>' -ForEach $redirects {
        $trap = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $trap.Start()
        $target = "${Scheme}://127.0.0.1:$($trap.LocalEndpoint.Port)/x"
        try {
            Invoke-Hostile 'param($Head, $State) "HTTP/1.1 $($State.Status) X`r`nLocation: $($State.Target)`r`nContent-Length: 0`r`n`r`n"' -State @{ Status = $Status; Target = $target } {
                $ids = foreach ($sent in
                    { Get-K3sBootstrapToken -Kubeconfig $kubeconfig },
                    { Get-K3sBootstrapToken abcdef -Kubeconfig $kubeconfig },
                    { New-K3sBootstrapToken -Kubeconfig $kubeconfig },
                    { Set-K3sBootstrapToken abcdef -Description x -Kubeconfig $kubeconfig },
                    { Remove-K3sBootstrapToken abcdef -Kubeconfig $kubeconfig },
                    { Invoke-K3sTokenRotation $hostile.Server -Token $token -Confirm:$false }) {
                    (Get-Failure $sent).Id
                }
                $ids | Should -Be (@('ServerError') * 5 + 'RotationRejected')
                Test-K3sToken $token -Server $hostile.Server -Quiet -ErrorAction Ignore | Should -BeFalse
                $null = Get-K3sTokenRotation $token x -Server $hostile.Server -ErrorAction Ignore
                ($hostile.Log -match '^Authorization: Basic').Count | Should -BeGreaterThan 3
            }
            $trap.Pending() | Should -BeFalse
        }
        finally {
            $trap.Stop()
        }
    }

    It 'of the CA bundle is not followed: <Status> to <Scheme>' -ForEach $redirects {
        $trap = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $trap.Start()
        $hostile = Start-HostileServer 'param($Head, $State) "HTTP/1.1 $($State.Status) X`r`nLocation: $($State.Target)`r`nContent-Length: 0`r`n`r`n"' -OwnCacerts -State @{
            Status = $Status; Target = "${Scheme}://127.0.0.1:$($trap.LocalEndpoint.Port)/cacerts"
        }
        try {
            (Get-Failure { Get-K3sClusterCA $hostile.Server }).Id | Should -Be ServerError
            (Get-Failure { ConvertTo-K3sToken x -Server $hostile.Server }).Id | Should -Be ServerError
            $hostile.Log -match '^Authorization' | Should -BeNullOrEmpty
            $trap.Pending() | Should -BeFalse
        }
        finally {
            Stop-HostileServer $hostile
            $trap.Stop()
        }
    }
}

Describe 'Memory' {
    BeforeAll {
        $bomb = [IO.MemoryStream]::new()
        $gzip = [IO.Compression.GZipStream]::new($bomb, [IO.Compression.CompressionLevel]::Fastest, $true)
        $start = [Text.Encoding]::ASCII.GetBytes('{"kind":"SecretList","x":"')
        $gzip.Write($start, 0, $start.Length)
        $block = [byte[]]::new(4MB)
        [Array]::Fill($block, [byte] 97)
        1..128 | ForEach-Object { $gzip.Write($block, 0, $block.Length) }
        $gzip.Dispose()
        $bombText = [Text.Encoding]::Latin1.GetString($bomb.ToArray())
        $flood = @{
            'a body without an end'         = 'param($Head) "HTTP/1.1 200 X`r`nContent-Type: application/json`r`n`r`n{`"kind`":`"SecretList`",`"x`":`""; $x = "a" * 1MB; 1..400 | ForEach-Object { $x }'
            'headers without an end'        = 'param($Head) "HTTP/1.1 200 X`r`n"; $x = "X: " + "a" * 60000 + "`r`n"; 1..4000 | ForEach-Object { $x }'
            'one header without an end'     = 'param($Head) "HTTP/1.1 200 X`r`nX: "; $x = "a" * 1MB; 1..400 | ForEach-Object { $x }'
            'a body that unpacks to 512 MiB' = 'param($Head, $State) "HTTP/1.1 200 X`r`nContent-Type: application/json`r`nContent-Encoding: gzip`r`nContent-Length: $($State.Bomb.Length)`r`n`r`n$($State.Bomb)"'
        }
        $servers = @{}
        foreach ($name in $flood.Keys) { $servers[$name] = Start-HostileServer $flood[$name] @{ Bomb = $bombText } }

        # In a process of its own, whose memory nobody else fills.
        $script = "Import-Module '$(Join-Path (Find-Module) K3sToken.psd1)'; `$ErrorActionPreference = 'SilentlyContinue'; Get-K3sBootstrapToken"
        foreach ($name in $flood.Keys) {
            $path = New-HostileKubeconfig $servers[$name]
            $script += @"
; `$before = (Get-Process -Id `$PID).PeakWorkingSet64
Get-K3sBootstrapToken -Kubeconfig '$path' -TimeoutSec 300 -ErrorVariable listing
New-K3sBootstrapToken -Kubeconfig '$path' -TimeoutSec 300 -ErrorVariable creation
`$test = Test-K3sToken 'K10$($servers[$name].Hash)::server:x' -Server '$($servers[$name].Server)' -Quiet
ConvertTo-Json -Compress @{
    Name = '$name'; Listing = `$listing[0].FullyQualifiedErrorId; Creation = `$creation[0].FullyQualifiedErrorId; Test = `$test
    Growth = ((Get-Process -Id `$PID).PeakWorkingSet64 - `$before) / 1MB
}
"@
        }

        $rows = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command $script | ForEach-Object { ConvertFrom-Json $_ }
    }

    AfterAll {
        $servers.Values | ForEach-Object { Stop-HostileServer $_ }
    }

    It 'is not filled by <What>' -ForEach @(
        @{ What = 'a body without an end'; Id = 'ServerError' }
        @{ What = 'headers without an end'; Id = 'ClusterUnreachable' }
        @{ What = 'one header without an end'; Id = 'ClusterUnreachable' }
        @{ What = 'a body that unpacks to 512 MiB'; Id = 'ServerError' }
    ) {
        $row = $rows | Where-Object Name -EQ $What
        $row.Listing | Should -BeLike "$Id,*"
        $row.Creation | Should -BeLike "$Id,*"
        $row.Test | Should -BeFalse
        $row.Growth | Should -BeLessThan 100
    }

    It 'is not filled by a kubeconfig that unfolds' {
        $lines = @('a0: &a0 [x,x,x,x,x,x,x,x,x,x]') + (1..12 | ForEach-Object { "a${_}: &a$_ [" + ((@("*a$($_ - 1)") * 10) -join ',') + ']' })
        Set-Content "$TestDrive/bomb.yaml" $lines
        $before = (Get-Process -Id $PID).WorkingSet64
        $failure = Get-Failure { Get-K3sBootstrapToken -Kubeconfig "$TestDrive/bomb.yaml" }
        $failure.Id | Should -Be KubeconfigInvalid
        $failure.Message | Should -BeLike '*more than 75000 nodes or * once its aliases are followed*'
        ((Get-Process -Id $PID).WorkingSet64 - $before) / 1MB | Should -BeLessThan 200
    }
}

Describe 'A listing without an end' {
    It 'streams, keeps nothing, and ends when it is stopped' {
        $secret = '{"metadata":{"name":"bootstrap-token-@@@@%%"},"type":"bootstrap.kubernetes.io/token","data":{"token-id":"YWJjZGVm","description":"' +
        [Convert]::ToBase64String([byte[]] @(97) * 4500) + '"}}'
        $items = 0..99 | ForEach-Object { $secret.Replace('%%', $_.ToString('d2')) }
        $page = '{"kind":"SecretList","metadata":{"continue":"@@@@"},"items":[' + ($items -join ',') + ']}'
        $endless = 'param($Head, $State) $body = $State.Page.Replace("@@@@", (++$State.Pages).ToString("d4"));' +
        '"HTTP/1.1 200 X`r`nContent-Type: application/json`r`nConnection: close`r`nContent-Length: $($body.Length)`r`n`r`n$body"'
        Invoke-Hostile $endless -State @{ Page = $page; Pages = 0 } {
            $samples = [Collections.Concurrent.ConcurrentQueue[double]]::new()
            $session = [initialsessionstate]::CreateDefault2()
            $session.ImportPSModule((Get-Module K3sToken).Path)
            $listing = [powershell]::Create($session).AddScript({
                    param($Kubeconfig, $Samples)
                    Get-K3sBootstrapToken -Kubeconfig $Kubeconfig | ForEach-Object { if (++$n % 1000 -eq 0) { $Samples.Enqueue([GC]::GetTotalMemory($true) / 1MB) } }
                }).AddParameters(@{ Kubeconfig = $kubeconfig; Samples = $samples })
            $running = $listing.BeginInvoke()
            $limit = [DateTime]::UtcNow.AddSeconds(120)
            while ($samples.Count -lt 12 -and -not $running.IsCompleted -and [DateTime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 50 }

            # Kept, the tokens of ten samples would take more than 90 MiB.
            $samples.Count | Should -BeGreaterOrEqual 12
            $samples.ToArray()[11] - $samples.ToArray()[1] | Should -BeLessThan 20
            $listing.InvocationStateInfo.State | Should -Be 'Running'
            $stopped = $listing.BeginStop($null, $null)
            $stopped.AsyncWaitHandle.WaitOne(20000) | Should -BeTrue
            $listing.EndStop($stopped)
            $listing.InvocationStateInfo.State | Should -Be 'Stopped'
            $listing.Streams.Error | Should -BeNullOrEmpty
            $pages = $hostile.State.Pages
            Start-Sleep -Milliseconds 300
            $hostile.State.Pages | Should -BeLessOrEqual ($pages + 1) -Because 'no more pages are asked for'
            $listing.Dispose()
        }
    }
}

Describe 'An exec plugin' {
    BeforeEach {
        $mark = Join-Path $TestDrive "$([guid]::NewGuid())"
        $plugin = New-UserKubeconfig 'exec:', '  apiVersion: client.authentication.k8s.io/v1', '  interactiveMode: Never', '  command: touch', "  args: ['$mark']"
        $own = $env:KUBECONFIG
    }

    AfterEach {
        $env:KUBECONFIG = $own
    }

    It 'is run for a kubeconfig that is named' {
        $failure = Get-Failure { Get-K3sBootstrapToken -Kubeconfig $plugin }
        $mark | Should -Exist
        $failure.Id | Should -Be AuthenticationFailed
        $failure.Message | Should -BeLike "The exec plugin 'touch' of user 'default' ($plugin)*"
    }

    It 'is run for a kubeconfig of the environment' {
        $env:KUBECONFIG = $plugin
        $null = Get-Failure { Get-K3sBootstrapToken }
        $mark | Should -Exist
    }

    It 'is named in the verbose text before it runs' {
        $said = Get-K3sBootstrapToken -Kubeconfig $plugin -Verbose -ErrorAction Ignore 4>&1
        "$($said[0])" | Should -Be "Context 'default' takes its credentials from the exec plugin 'touch'."
    }

    It 'is not run for a kubeconfig that only came down the pipeline: <Command>' -ForEach @(
        @{ Command = 'Remove-K3sBootstrapToken'; More = @{} }
        @{ Command = 'Set-K3sBootstrapToken'; More = @{ Description = 'x' } }
    ) {
        $piped = [pscustomobject]@{ Id = 'abcdef'; Kubeconfig = $plugin; Context = 'default' }
        $failure = Get-Failure { $piped | & $Command @More }
        $mark | Should -Not -Exist
        $failure.Id | Should -Be AuthenticationFailed
        $failure.Message | Should -BeLike "The exec plugin 'touch' of context 'default' was not run: its kubeconfig $plugin came down the pipeline*-Kubeconfig."
    }

    It 'sends no token file for a kubeconfig that only came down the pipeline: <Command>' -ForEach @(
        @{ Command = 'Remove-K3sBootstrapToken'; More = @{} }
        @{ Command = 'Set-K3sBootstrapToken'; More = @{ Description = 'x' } }
    ) {
        Set-Content "$TestDrive/word" 'a-word-of-mine'
        Protect-File "$TestDrive/word"
        $config = New-UserKubeconfig "tokenFile: '$TestDrive/word'"
        $failure = Get-Failure { [pscustomobject]@{ Id = 'abcdef'; Kubeconfig = $config; Context = 'default' } | & $Command @More }
        $failure.Id | Should -Be AuthenticationFailed
        $failure.Message | Should -BeLike "The token file $TestDrive/word of context 'default' was not sent to https://*: its kubeconfig $config came down the pipeline*"
    }

    It 'is run for one that came down the pipeline and is the default, or was named before' {
        $piped = [pscustomobject]@{ Id = 'abcdef'; Kubeconfig = $plugin; Context = 'default' }
        $env:KUBECONFIG = $plugin
        $null = Get-Failure { $piped | Remove-K3sBootstrapToken }
        $mark | Should -Exist
        $env:KUBECONFIG = $own
        Remove-Item $mark
        $null = Get-Failure { $piped | Remove-K3sBootstrapToken }
        $mark | Should -Exist
    }
}

Describe 'A file that others can read' -Skip:($IsWindows) {
    BeforeAll {
        if (Test-FrameworkBuild) {
            return
        }

        function Set-Mode([string] $Path, [string] $Mode) {
            [IO.File]::SetUnixFileMode($Path, [IO.UnixFileMode] [Convert]::ToInt32($Mode, 8))
            $Path
        }
    }

    BeforeEach {
        if (Test-FrameworkBuild) {
            Set-ItResult -Skipped -Because 'Windows PowerShell runs where access lists decide'
        }
    }

    It 'is named in one warning: a kubeconfig with mode <Mode>' -ForEach @(
        @{ Mode = '0644'; May = 'read' }, @{ Mode = '0640'; May = 'read' }, @{ Mode = '0604'; May = 'read' }, @{ Mode = '0622'; May = 'change' }
        @{ Mode = '0666'; May = 'read and change' }
    ) {
        $path = Set-Mode (New-Kubeconfig default default) $Mode
        $warnings = @(Get-K3sBootstrapToken -Kubeconfig $path -Context *, default 3>&1 | Where-Object { $_ -is [Management.Automation.WarningRecord] })
        "$warnings" | Should -Be "Others on this machine can $May the kubeconfig $path, which holds credentials (mode $Mode). Close it to them: chmod 600 '$path'"
    }

    It 'is not warned of: <What>' -ForEach @(
        @{ What = 'a kubeconfig with mode 0600'; Mode = '0600'; Lines = 'token: x' }
        @{ What = 'a kubeconfig with mode 0400'; Mode = '0400'; Lines = 'token: x' }
        @{ What = 'a kubeconfig without credentials'; Mode = '0644'; Lines = 'tokenFile: TOKEN' }
    ) {
        $file = Set-Mode (New-Item "$TestDrive/$([guid]::NewGuid())" -Value x).FullName 0600
        $path = Set-Mode (New-UserKubeconfig ($Lines -replace 'TOKEN', $file)) $Mode
        Get-K3sBootstrapToken -Kubeconfig $path -ErrorAction Ignore 3>&1 | Should -BeNullOrEmpty
    }

    It 'is named in one warning: a token file of a kubeconfig' {
        $file = Set-Mode (New-Item "$TestDrive/$([guid]::NewGuid())" -Value x).FullName 0644
        $warnings = @(New-K3sBootstrapToken -Kubeconfig (New-UserKubeconfig "tokenFile: $file") -Count 3 -ErrorAction Ignore 3>&1)
        "$warnings" | Should -BeLike "Others on this machine can read the token file $file, *chmod 600*"
    }

    It 'is named in one warning: a client key' {
        $file = Set-Mode (New-Item "$TestDrive/$([guid]::NewGuid())" -Value (Get-KubeconfigValue client-key-data)).FullName 0640
        $warnings = @(Get-K3sBootstrapToken -Kubeconfig (New-Kubeconfig 'client-key-data: \S+' "client-key: $file") 3>&1)
        "$warnings" | Should -BeLike "Others on this machine can read the client key $file, *"
    }

    It 'is named in one warning: the token of a server' {
        $folder = New-Item "$TestDrive/$([guid]::NewGuid())/server" -ItemType Directory
        Set-Content "$folder/token" $token
        $file = Set-Mode "$folder/token" 0644
        $warnings = @(Get-K3sServerToken (Split-Path $folder) 3>&1 | Where-Object { $_ -is [Management.Automation.WarningRecord] })
        "$warnings" | Should -BeLike "Others on this machine can read the token file $file, *"
        $null = Invoke-K3sTokenRotation (Get-DeadServer) -DataDir (Split-Path $folder) -WarningVariable warnings -ErrorAction Ignore 3>$null -Confirm:$false
        @($warnings).Count | Should -Be 1
    }

    It 'is not told by Tab' {
        $path = Set-Mode (New-Kubeconfig default default) 0644
        $before = $Error.Count
        $said = & { (Complete "Get-K3sBootstrapToken -Kubeconfig '$path' -Context d").CompletionText } *>&1
        $said | Should -Be default
        $Error.Count | Should -Be $before
    }
}
