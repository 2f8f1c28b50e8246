# What the module says must hold no secret, unless -AsPlainText was asked for. Each token that is handled here has another secret; all that
# comes out is searched for them.
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Secrets.ps1
    $sandbox = Start-Sandbox '--cleaner', 'off'
    $dead = New-Kubeconfig 'server: \S+' "server: $(Get-DeadServer)"
}

AfterAll {
    Stop-Sandbox $sandbox
}

Describe 'Secrets' {
    AfterEach {
        Get-StoredToken | Remove-StoredToken
    }

    It 'would be found' {
        $secret = New-Secret
        Find-Secret "x $secret y" | Should -Be $secret
        Find-Secret ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("abc123.$secret"))) | Should -Be $secret
        Find-Secret ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($secret))) | Should -Be $secret
        Find-Secret ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("x$secret"))) | Should -Be $secret
        $exception = [Exception]::new('a', [Exception]::new('b', [Exception]::new($secret)))
        $record = [Management.Automation.ErrorRecord]::new($exception, 'x', 'NotSpecified', $null)
        Find-Secret (Write-Depths $record | Out-String) | Should -Be $secret
        New-StoredToken abc123 @{ 'token-secret' = $secret }
        Find-Secret (Get-AllSaid { Get-K3sBootstrapToken -AsPlainText }) | Should -Be $secret
        Find-Secret (Get-AllSaid { New-K3sBootstrapToken -AsPlainText }) | Should -HaveCount 1
    }

    Context 'in what commands say that succeed' {
        It 'are not in: <Name>' -ForEach @(
            @{ Name = 'Get-'; Run = { Get-K3sBootstrapToken } }
            @{ Name = 'Get- of a whole token'; Run = { Get-K3sBootstrapToken "abc123.$secret" } }
            @{ Name = 'Get- -IncludeSecret'; Run = { Get-K3sBootstrapToken -IncludeSecret } }
            @{ Name = 'New-'; Run = { New-K3sBootstrapToken } }
            @{ Name = 'New- -Count'; Run = { New-K3sBootstrapToken -Count 5 } }
            @{ Name = 'New- of a text'; Run = { New-K3sBootstrapToken "xyz789.$(New-Secret)" } }
            @{ Name = 'New- of a table'; Run = { [pscustomobject]@{ Token = "xyz789.$(New-Secret)" } | New-K3sBootstrapToken } }
            @{ Name = 'Set- of a whole token'; Run = { Set-K3sBootstrapToken "abc123.$secret" -Ttl 1h -PassThru } }
            @{ Name = 'Set- of a piped one'; Run = { "K10$('0' * 64)::abc123.$secret" | Set-K3sBootstrapToken -Description x -PassThru } }
            @{ Name = 'Remove- of a whole token'; Run = { Remove-K3sBootstrapToken "abc123.$secret" } }
            @{ Name = 'Remove- -PassThru of a piped one'; Run = { "abc123.$secret" | Remove-K3sBootstrapToken -PassThru } }
            @{ Name = 'Remove- of what New- wrote'; Run = { New-K3sBootstrapToken | Remove-K3sBootstrapToken -PassThru } }
            @{ Name = 'New-K3sTokenValue'; Run = { New-K3sTokenValue; New-K3sTokenValue Server } }
        ) {
            $secret = New-Secret
            New-StoredToken abc123 @{ 'token-secret' = $secret }
            $text = Get-AllSaid $Run
            $text | Should -Not -BeNullOrEmpty
            Find-Secret $text | Should -BeNullOrEmpty
        }
    }

    Context 'in what commands say that fail' {
        It 'are not in: <Name>' -ForEach @(
            @{ Name = 'an id that is taken'; Run = { New-K3sBootstrapToken "abc123.$(New-Secret)" } }
            @{ Name = 'an id that is taken, -ErrorAction Stop'; Run = { New-K3sBootstrapToken "abc123.$(New-Secret)" -ErrorAction Stop } }
            @{ Name = 'a description too long'; Run = { New-K3sBootstrapToken "xyz789.$(New-Secret)" -Description ('x' * 2MB) } }
            @{ Name = 'a dead server, New-'; Run = { New-K3sBootstrapToken "xyz789.$(New-Secret)" -Kubeconfig $dead } }
            @{ Name = 'a dead server, Get-'; Run = { Get-K3sBootstrapToken "abc123.$secret" -Kubeconfig $dead } }
            @{ Name = 'a dead server, Remove-'; Run = { "abc123.$secret" | Remove-K3sBootstrapToken -Kubeconfig $dead } }
            @{ Name = 'no such token'; Run = { Get-K3sBootstrapToken "zzzzzz.$(New-Secret)" } }
            @{ Name = 'no such token, Set-'; Run = { "zzzzzz.$(New-Secret)" | Set-K3sBootstrapToken -Ttl 1h } }
            @{ Name = 'no such token, Remove-'; Run = { Remove-K3sBootstrapToken "K10$('0' * 64)::zzzzzz.$(New-Secret)" } }
            @{ Name = 'a token in capitals'; Run = { New-K3sBootstrapToken "XYZ789.$(New-Secret)" } }
            @{ Name = 'a token with one character too many'; Run = { New-K3sBootstrapToken "xyz789.$(New-Secret)0" } }
            @{ Name = 'a token with a final newline'; Run = { New-K3sBootstrapToken "xyz789.$(New-Secret)`n" } }
            @{ Name = 'a token in its K10 form'; Run = { New-K3sBootstrapToken "K10$('0' * 64)::xyz789.$(New-Secret)" } }
            @{ Name = 'two tokens'; Run = { New-K3sBootstrapToken -Token "xyz789.$(New-Secret)", "xyz780.$(New-Secret)" } }
            @{ Name = 'a token in a hashtable'; Run = { New-K3sBootstrapToken -Token @{ a = "xyz789.$(New-Secret)" } } }
            @{ Name = 'a token that is a second argument'; Run = { New-K3sBootstrapToken -Count 2 -Token "xyz789.$(New-Secret)" } }
            @{ Name = 'an id in capitals with a secret'; Run = { Get-K3sBootstrapToken "ABC123.$(New-Secret)" } }
            @{ Name = 'an id with a secret and a wildcard'; Run = { Get-K3sBootstrapToken "abc123.$(New-Secret)*" } }
            @{ Name = 'an id with a colon'; Run = { Set-K3sBootstrapToken "abc123:$(New-Secret)" -Ttl 1h } }
            @{ Name = 'an id with spaces'; Run = { Remove-K3sBootstrapToken " abc123.$(New-Secret)" } }
            @{ Name = 'a server token as id'; Run = { Remove-K3sBootstrapToken "K10$('0' * 64)::server:$(New-Secret)" } }
            @{ Name = 'an object with a secret'; Run = { [pscustomobject]@{ Id = "zzzzzz.$(New-Secret)" } | Get-K3sBootstrapToken } }
            @{ Name = 'a group that is none'; Run = { New-K3sBootstrapToken -Token "xyz789.$(New-Secret)" -Groups system:masters } }
            @{ Name = 'an expiry in the past'; Run = { New-K3sBootstrapToken -Token "xyz789.$(New-Secret)" -ExpiresOn 2020-01-01 } }
            @{ Name = 'a duration that is none'; Run = { New-K3sBootstrapToken -Token "xyz789.$(New-Secret)" -Ttl soon } }
        ) {
            $secret = New-Secret
            New-StoredToken abc123 @{ 'token-secret' = $secret }
            $text = Get-AllSaid $Run
            $text | Should -Match ',K3sToken\.PowerShell\.Commands\.' -Because 'it must be an error''s id'
            Find-Secret $text | Should -BeNullOrEmpty
        }

        It 'are not in the message for an object that has no Id' {
            $object = [pscustomobject]@{ ShortToken = "abc123.$(New-Secret)" }
            foreach ($record in ($object | Get-K3sBootstrapToken 2>&1), ($object | Remove-K3sBootstrapToken 2>&1)) {
                $record.Exception.Message | Should -BeLike '*Id*'
                Find-Secret ($record.Exception.ToString() + $record) | Should -BeNullOrEmpty
            }
        }
    }

    Context 'in what objects become' {
        It 'are not in: <Name>' -ForEach @(
            @{ Name = 'a list'; Run = { $input | Format-List * -Force | Out-String -Width 9999 } }
            @{ Name = 'a table'; Run = { $input | Format-Table * -Force | Out-String -Width 9999 } }
            @{ Name = 'the default table'; Run = { $input | Out-String -Width 9999 } }
            @{ Name = 'a custom view'; Run = { $input | Format-Custom -Depth 5 | Out-String -Width 9999 } }
            @{ Name = 'JSON'; Run = { $input | ConvertTo-Json -Depth 10 } }
            @{ Name = 'CSV'; Run = { $input | ConvertTo-Csv } }
            @{ Name = 'XML'; Run = { ($input | ConvertTo-Xml -Depth 5).OuterXml } }
            @{ Name = 'HTML'; Run = { $input | ConvertTo-Html | Out-String } }
            @{ Name = 'CLIXML'; Run = { [Management.Automation.PSSerializer]::Serialize(@($input), 5) } }
            @{ Name = 'text'; Run = { "$input" } }
        ) {
            $secret = New-Secret
            New-StoredToken abc123 @{ 'token-secret' = $secret }
            $objects = @(Get-K3sBootstrapToken) + @(Get-K3sBootstrapToken -IncludeSecret) + @(New-K3sBootstrapToken)
            Add-StoredSecret
            $text = $objects | & $Run | Out-String -Width 9999
            $text | Should -Match abc123
            Find-Secret $text | Should -BeNullOrEmpty
        }
    }

    Context 'on the screen and in a transcript' {
        It 'are not there, confirmation questions included' {
            $given, $stored = (New-Secret), (New-Secret)
            New-StoredToken abc123 @{ 'token-secret' = $stored }
            $transcript = Join-Path $TestDrive transcript.txt
            $script = Join-Path $TestDrive session.ps1
            Set-Content $script @'
param($Module, $Transcript)
Import-Module $Module
$null = Start-Transcript $Transcript
$VerbosePreference = $DebugPreference = 'Continue'
New-K3sBootstrapToken $env:GIVEN -Confirm
New-K3sBootstrapToken $env:GIVEN
New-K3sBootstrapToken $env:GIVEN -WhatIf
Get-K3sBootstrapToken $env:STORED
Get-K3sBootstrapToken -IncludeSecret | Format-List
Remove-K3sBootstrapToken $env:STORED -WhatIf
$env:STORED | Remove-K3sBootstrapToken -Confirm
$null = Stop-Transcript
'@
            $env:GIVEN, $env:STORED = "xyz789.$given", "abc123.$stored"
            try {
                $screen = 'y', 'y' | pwsh -NoProfile -File $script (Join-Path (Find-Module) K3sToken.psd1) $transcript *>&1 | Out-String
            }
            finally {
                Remove-Item env:GIVEN, env:STORED
            }
            Add-StoredSecret

            $screen | Should -Match 'Are you sure you want to perform this action\?'
            $screen | Should -Match 'What if: Performing the operation "Create" on target "bootstrap token ''xyz789'''
            $screen | Should -Match 'What if: Performing the operation "Remove" on target "bootstrap token ''abc123'''
            $screen | Should -Match 'exists already'
            Get-StoredToken | ForEach-Object Name | Should -Be 'bootstrap-token-xyz789'
            Find-Secret $screen | Should -BeNullOrEmpty
            Find-Secret (Get-Content $transcript -Raw) | Should -BeNullOrEmpty
        }
    }
}
