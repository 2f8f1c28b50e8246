BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1

    $westServer = Start-Sandbox '--cleaner', 'off'
    $west = $env:KUBECONFIG
    $eastServer = Start-Sandbox '--cleaner', 'off'
    $east = $env:KUBECONFIG

    # Both in one: east is current.
    $both = (New-NamedKubeconfig east $east), (New-NamedKubeconfig west $west) -join [IO.Path]::PathSeparator

    function Get-StoredIdOf([string] $Kubeconfig) {
        $env:KUBECONFIG, $was = $Kubeconfig, $env:KUBECONFIG
        (Get-StoredToken).Name -replace '^bootstrap-token-'
        $env:KUBECONFIG = $was
    }

    # What the parameters of a command held once they were bound, as logs of pipelines have it.
    function Get-BoundText([scriptblock] $Traced) {
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).log"
        Trace-Command ParameterBinding $Traced -FilePath $file 2>$null
        [regex]::Matches((Get-Content $file -Raw), '(?<=BIND arg )\[.*\] to param \[(Id|InputObject)\] SUCCESSFUL').Value | Out-String
    }
}

AfterAll {
    Stop-Sandbox $eastServer
    Stop-Sandbox $westServer
}

Describe 'Numbers in disguise' {
    BeforeAll {
        $env:KUBECONFIG = $east
        '001234', '123e45', '123456', '1234kb' | ForEach-Object { New-StoredToken $_ }
    }

    AfterAll {
        Get-StoredToken | Remove-StoredToken
    }

    Context '-Id' {
        It 'takes the text of what looks like a number' {
            (Get-K3sBootstrapToken -Id 001234).Id | Should -BeExactly '001234'
            (Get-K3sBootstrapToken -Id 123e45).Id | Should -BeExactly '123e45'
            (Get-K3sBootstrapToken -Id 1234kb).Id | Should -BeExactly '1234kb'
            (Get-K3sBootstrapToken 123456).Id | Should -BeExactly '123456'
        }

        It 'takes quoted text' {
            (Get-K3sBootstrapToken -Id '001234', "123e45").Id | Should -Be '001234', '123e45'
        }

        It 'takes text from variables, splatted and piped' {
            $id = '001234'
            $parameters = @{ Id = '123e45' }
            (Get-K3sBootstrapToken $id).Id | Should -BeExactly '001234'
            (Get-K3sBootstrapToken @parameters).Id | Should -BeExactly '123e45'
            ('001234', '123e45' | Get-K3sBootstrapToken).Id | Should -Be '001234', '123e45'
        }

        It 'takes the text for Set- and Remove- too' {
            (Set-K3sBootstrapToken -Id 001234 -Description set -PassThru).Id | Should -BeExactly '001234'
            (Get-StoredToken 001234).Data.description | Should -BeExactly 'set'
            New-StoredToken 543210
            (Remove-K3sBootstrapToken 543210 -PassThru).Id | Should -BeExactly '543210'
        }

        It 'takes a whole number of six digits, however it comes: its text is not lost' {
            $id = 123456
            $parameters = @{ Id = 123456 }
            (Get-K3sBootstrapToken $id).Id | Should -BeExactly '123456'
            (Get-K3sBootstrapToken @parameters).Id | Should -BeExactly '123456'
            (Get-K3sBootstrapToken '001234', 123456).Id | Should -Be '001234', '123456'
            (123456 | Get-K3sBootstrapToken).Id | Should -BeExactly '123456'
            ('{ "Id": 123456 }' | ConvertFrom-Json | Set-K3sBootstrapToken -Description x -PassThru).Id | Should -BeExactly '123456'
        }

        It 'refuses a number whose text is lost: <Name>' -ForEach @(
            @{ Name = 'a variable'; Run = { $id = 001234; & $args[0] $id } }
            @{ Name = 'a variable that looks right'; Run = { $id = 1000e2; & $args[0] $id } }
            @{ Name = 'splatted'; Run = { $id = @{ Id = 123e45 }; & $args[0] @id } }
            @{ Name = 'an array'; Run = { & $args[0] 001234, 123e45 } }
            @{ Name = 'an array with text'; Run = { & $args[0] '001234', 012345 } }
            @{ Name = 'an expression'; Run = { & $args[0] (001234) } }
            @{ Name = 'the pipeline'; Run = { 001234 | & $args[0] } }
            @{ Name = 'the pipeline, a number that looks right'; Run = { 1000e2 | & $args[0] } }
            @{ Name = 'the pipeline, a big number'; Run = { 123e45 | & $args[0] } }
        ) {
            foreach ($command in 'Get-K3sBootstrapToken', 'Remove-K3sBootstrapToken') {
                $failure = Get-Failure { & $Run $command }
                $failure.Message | Should -BeLike '*how it was written is lost*' -Because $command
                $failure.Output | Should -BeNullOrEmpty
            }

            Get-StoredToken | Should -HaveCount 4
        }
    }

    Context '-Ttl' {
        BeforeEach {
            $ids = (Get-StoredToken).Name
        }

        AfterEach {
            Get-StoredToken | Where-Object Name -NotIn $ids | Remove-StoredToken
        }

        It 'takes the text of what looks like a number' {
            [Math]::Ceiling((New-K3sBootstrapToken -Ttl 7d).TimeToLive.TotalDays) | Should -Be 7
            [Math]::Ceiling((New-K3sBootstrapToken -Ttl 30s).TimeToLive.TotalSeconds) | Should -BeIn 29, 30
            [Math]::Ceiling((New-K3sBootstrapToken -TimeToLive 7d).TimeToLive.TotalDays) | Should -Be 7
            [Math]::Ceiling((Set-K3sBootstrapToken 001234 -Ttl 7d -PassThru).TimeToLive.TotalDays) | Should -Be 7
        }

        It 'takes quoted text' {
            [Math]::Ceiling((New-K3sBootstrapToken -Ttl '7d').TimeToLive.TotalDays) | Should -Be 7
        }

        It 'takes text from a variable, and splatted' {
            $ttl = '7d'
            $parameters = @{ Ttl = '7d' }
            [Math]::Ceiling((New-K3sBootstrapToken -Ttl $ttl).TimeToLive.TotalDays) | Should -Be 7
            [Math]::Ceiling((New-K3sBootstrapToken @parameters).TimeToLive.TotalDays) | Should -Be 7
        }

        It 'takes 0 in every form' {
            $zero = 0
            $parameters = @{ Ttl = 0 }
            (New-K3sBootstrapToken -Ttl 0).NeverExpires | Should -BeTrue
            (New-K3sBootstrapToken -Ttl '0').NeverExpires | Should -BeTrue
            (New-K3sBootstrapToken -Ttl $zero).NeverExpires | Should -BeTrue
            (New-K3sBootstrapToken @parameters).NeverExpires | Should -BeTrue
        }

        It 'refuses a number, and says what to write: <Name>' -ForEach @(
            @{ Name = 'unquoted'; Run = { New-K3sBootstrapToken -Ttl 24 } }
            @{ Name = 'quoted'; Run = { New-K3sBootstrapToken -Ttl '24' } }
            @{ Name = 'a fraction'; Run = { New-K3sBootstrapToken -Ttl 1.5 } }
            @{ Name = 'a variable'; Run = { $ttl = 24; New-K3sBootstrapToken -Ttl $ttl } }
            @{ Name = 'a variable that was 7d'; Run = { $ttl = 7d; New-K3sBootstrapToken -Ttl $ttl } }
            @{ Name = 'splatted'; Run = { $ttl = @{ Ttl = 30s }; New-K3sBootstrapToken @ttl } }
            @{ Name = 'an object''s property'; Run = { [pscustomobject]@{ TimeToLive = 24 } | New-K3sBootstrapToken } }
            @{ Name = 'Set-'; Run = { Set-K3sBootstrapToken 001234 -Ttl 24 } }
            @{ Name = '-ExpiringWithin'; Run = { Get-K3sBootstrapToken -ExpiringWithin 24 } }
        ) {
            (Get-Failure $Run).Message | Should -BeLike '*write 24h*'
            Get-StoredToken | Should -HaveCount 4
        }

        It 'refuses a number whose text is lost, and says that quotes keep it' {
            (Get-Failure { $ttl = 7d; New-K3sBootstrapToken -Ttl $ttl }).Message | Should -BeLike "*in quotes*"
        }

        It 'says where a list comes from' {
            (Get-Failure { New-K3sBootstrapToken -Ttl 1,5h }).Message | Should -BeLike '*a comma makes a list*'
        }
    }

    Context '-Token' {
        It 'takes the text of what looks like a number' {
            (New-K3sBootstrapToken -Token 654321.1234567890123456).Id | Should -BeExactly '654321'
            (Get-StoredToken 654321).Data['token-secret'] | Should -BeExactly '1234567890123456'
            Get-StoredToken 654321 | Remove-StoredToken
        }

        It 'refuses a number whose text is lost, and does not show it' {
            $failure = Get-Failure { $token = 654321.1234567890123456; New-K3sBootstrapToken -Token $token }
            $failure.Message | Should -BeLike '*how it was written is lost*'
            $failure.Message | Should -Not -BeLike '*654321*'
        }
    }
}

Describe 'Whole tokens as ids' {
    BeforeAll {
        $env:KUBECONFIG = $east
        $secret = 'fedcba9876543210'
    }

    It 'leave no secret in any parameter: <Name>' -ForEach @(
        @{ Name = 'Get-'; Run = { Get-K3sBootstrapToken -Id $args[0] } }
        @{ Name = 'Get- among others'; Run = { Get-K3sBootstrapToken -Id 'zzzzzz', $args[0] } }
        @{ Name = 'Set-'; Run = { Set-K3sBootstrapToken $args[0] -Description x } }
        @{ Name = 'Remove-'; Run = { Remove-K3sBootstrapToken $args[0] } }
        @{ Name = 'Get- in a pipeline'; Run = { $args[0] | Get-K3sBootstrapToken } }
        @{ Name = 'Set- in a pipeline'; Run = { $args[0] | Set-K3sBootstrapToken -Description x } }
        @{ Name = 'Remove- in a pipeline'; Run = { $args[0] | Remove-K3sBootstrapToken } }
        @{ Name = 'Remove- of a list in a pipeline'; Run = { , @($args[0], 'zzzzzz') | Remove-K3sBootstrapToken } }
    ) {
        foreach ($token in "zzzzzz.$secret", "K10$('0' * 64)::zzzzzz.$secret", "zzzzzz-$secret", "K10::server:$secret", "zzzzzz.$secret*") {
            $text = Get-BoundText { & $Run $token }
            $text | Should -Match 'to param \[Id\]'
            $text | Should -Not -BeLike "*$secret*" -Because $token
        }
    }
}

Describe 'Nothing' {
    BeforeAll {
        $env:KUBECONFIG = $east
        New-StoredToken abc123
    }

    BeforeEach {
        $before = Get-Revision
    }

    AfterEach {
        Get-Revision | Should -Be $before
    }

    AfterAll {
        Get-StoredToken | Remove-StoredToken
    }

    It 'is refused where something must be said: <Name>' -ForEach @(
        @{ Name = 'Get-K3sBootstrapToken $null'; Run = { Get-K3sBootstrapToken $null } }
        @{ Name = 'Get-K3sBootstrapToken ""'; Run = { Get-K3sBootstrapToken '' } }
        @{ Name = 'Get-K3sBootstrapToken @()'; Run = { Get-K3sBootstrapToken @() } }
        @{ Name = 'Get-K3sBootstrapToken abc123, $null'; Run = { Get-K3sBootstrapToken abc123, $null } }
        @{ Name = 'Get-K3sBootstrapToken -Context $null'; Run = { Get-K3sBootstrapToken -Context $null } }
        @{ Name = 'Get-K3sBootstrapToken -Kubeconfig ""'; Run = { Get-K3sBootstrapToken -Kubeconfig '' } }
        @{ Name = '$null | Get-K3sBootstrapToken'; Run = { $null | Get-K3sBootstrapToken } }
        @{ Name = 'Remove-K3sBootstrapToken $null'; Run = { Remove-K3sBootstrapToken $null } }
        @{ Name = 'Remove-K3sBootstrapToken ""'; Run = { Remove-K3sBootstrapToken '' } }
        @{ Name = 'Remove-K3sBootstrapToken @()'; Run = { Remove-K3sBootstrapToken @() } }
        @{ Name = '$null | Remove-K3sBootstrapToken'; Run = { $null | Remove-K3sBootstrapToken } }
        @{ Name = '"" | Remove-K3sBootstrapToken'; Run = { '' | Remove-K3sBootstrapToken } }
        @{ Name = 'Set-K3sBootstrapToken $null'; Run = { Set-K3sBootstrapToken $null -Description x } }
        @{ Name = 'Set-K3sBootstrapToken -Groups $null'; Run = { Set-K3sBootstrapToken abc123 -Groups $null } }
        @{ Name = 'Set-K3sBootstrapToken -Usages $null'; Run = { Set-K3sBootstrapToken abc123 -Usages $null } }
        @{ Name = 'Set-K3sBootstrapToken -Description $null'; Run = { Set-K3sBootstrapToken abc123 -Description $null } }
        @{ Name = 'New-K3sBootstrapToken -Token $null'; Run = { New-K3sBootstrapToken -Token $null } }
        @{ Name = 'New-K3sBootstrapToken -Token ""'; Run = { New-K3sBootstrapToken -Token '' } }
        @{ Name = 'New-K3sBootstrapToken -Token of an empty SecureString'; Run = { New-K3sBootstrapToken -Token ([securestring]::new()) } }
        @{ Name = 'New-K3sBootstrapToken of an object with an empty Token'; Run = { [pscustomobject]@{ Token = '' } | New-K3sBootstrapToken } }
        @{ Name = 'New-K3sBootstrapToken -Ttl $null'; Run = { New-K3sBootstrapToken -Ttl $null } }
        @{ Name = 'New-K3sBootstrapToken -Context $null'; Run = { New-K3sBootstrapToken -Context $null } }
    ) {
        (Get-Failure $Run).Output | Should -BeNullOrEmpty
    }

    It 'comes of nothing: an empty pipeline' {
        @() | Get-K3sBootstrapToken | Should -BeNullOrEmpty
        @() | Remove-K3sBootstrapToken
        @() | Set-K3sBootstrapToken -Description x
        Get-K3sBootstrapToken 'z*' | Remove-K3sBootstrapToken
    }
}

Describe 'Pipelines' {
    BeforeEach {
        $env:KUBECONFIG = $east
        'aaaaaa', 'shared' | ForEach-Object { New-StoredToken $_ }
        $env:KUBECONFIG = $west
        'bbbbbb', 'shared' | ForEach-Object { New-StoredToken $_ @{ expiration = '2020-01-01T00:00:00Z' } }
        $env:KUBECONFIG = $both
    }

    AfterEach {
        foreach ($env:KUBECONFIG in $east, $west) {
            Get-StoredToken | Remove-StoredToken
        }
    }

    Context 'across clusters' {
        It 'Get- lists the current context unless told otherwise' {
            (Get-K3sBootstrapToken).Id | Should -Be 'aaaaaa', 'shared'
        }

        It 'Get- lists several contexts, and each token says whose it is' {
            $tokens = Get-K3sBootstrapToken -Context west, east
            $tokens | ForEach-Object { "$($_.Context)/$($_.Id)" } | Should -Be 'west/bbbbbb', 'west/shared', 'east/aaaaaa', 'east/shared'
        }

        It 'Get- takes wildcards for contexts, and lists each once' {
            (Get-K3sBootstrapToken -Context '*st', east).Context | Should -Be 'east', 'east', 'west', 'west'
        }

        It 'Get- takes an exact name before a wildcard' {
            $literal = New-NamedKubeconfig 'w*' $east
            $env:KUBECONFIG = $both, $literal -join [IO.Path]::PathSeparator
            (Get-K3sBootstrapToken -Context 'w*').Context | Select-Object -Unique | Should -Be 'w*'
            (Get-K3sBootstrapToken -Context 'we*').Context | Select-Object -Unique | Should -Be 'west'
        }

        It 'Get- finds an id wherever it is' {
            (Get-K3sBootstrapToken shared -Context *).Context | Should -Be 'east', 'west'
            (Get-K3sBootstrapToken bbbbbb -Context *).Context | Should -Be 'west'
            (Get-Failure { Get-K3sBootstrapToken zzzzzz -Context * }).Errors | Should -HaveCount 1
        }

        It 'Remove- goes back to each token''s own cluster' {
            Get-K3sBootstrapToken -Context * | Where-Object Expired | Remove-K3sBootstrapToken
            Get-StoredIdOf $west | Should -BeNullOrEmpty
            Get-StoredIdOf $east | Should -Be 'aaaaaa', 'shared'
        }

        It 'Remove- goes back even when the environment changed meanwhile' {
            $tokens = Get-K3sBootstrapToken -Context west
            $env:KUBECONFIG = $east
            $tokens | Remove-K3sBootstrapToken
            Get-StoredIdOf $west | Should -BeNullOrEmpty
            Get-StoredIdOf $east | Should -Be 'aaaaaa', 'shared'
        }

        It 'Set- goes back to each token''s own cluster' {
            $tokens = Get-K3sBootstrapToken -Context * | Set-K3sBootstrapToken -Description moved -PassThru
            $tokens | ForEach-Object { "$($_.Context)/$($_.Id)" } | Should -Be 'east/aaaaaa', 'east/shared', 'west/bbbbbb', 'west/shared'
            (Get-K3sBootstrapToken -Context *).Description | Should -Be 'moved', 'moved', 'moved', 'moved'
        }

        It 'Set- and Remove- take no wildcard for a context' {
            (Get-Failure { Remove-K3sBootstrapToken shared -Context 'we*' }).Id | Should -Be 'ContextNotFound'
            (Get-Failure { Set-K3sBootstrapToken shared -Context 'we*' -Description x }).Id | Should -Be 'ContextNotFound'
        }

        It '-Context that is typed does not lead another cluster''s token astray' {
            $failure = Get-Failure { Get-K3sBootstrapToken shared -Context west | Remove-K3sBootstrapToken -Context east }
            $failure.Id | Should -Be 'ConflictingChange'
            Get-StoredIdOf $east | Should -Be 'aaaaaa', 'shared'
            Get-StoredIdOf $west | Should -Be 'bbbbbb', 'shared'
        }

        It 'New- in one context makes what Remove- finds there' {
            New-K3sBootstrapToken -Context west | Remove-K3sBootstrapToken
            Get-StoredIdOf $west | Should -Be 'bbbbbb', 'shared'
        }
    }

    Context 'of objects that have been elsewhere' {
        It 'Remove- takes them back from CLIXML' {
            $file = Join-Path $TestDrive tokens.xml
            Get-K3sBootstrapToken -Context west | Export-Clixml $file
            Import-Clixml $file | Remove-K3sBootstrapToken
            Get-StoredIdOf $west | Should -BeNullOrEmpty
            Get-StoredIdOf $east | Should -Be 'aaaaaa', 'shared'
        }

        It 'Remove- takes them back from JSON' {
            $json = Get-K3sBootstrapToken -Context west | ConvertTo-Json
            $json | ConvertFrom-Json | Remove-K3sBootstrapToken
            Get-StoredIdOf $west | Should -BeNullOrEmpty
            Get-StoredIdOf $east | Should -Be 'aaaaaa', 'shared'
        }

        It 'Set- takes them back from CSV' {
            $csv = Get-K3sBootstrapToken -Context west | ConvertTo-Csv
            $csv | ConvertFrom-Csv | Set-K3sBootstrapToken -Description moved
            (Get-K3sBootstrapToken -Context *).Description | Should -Be '', '', 'moved', 'moved'
        }

        It 'Remove- takes an object with an Id and a Context' {
            [pscustomobject]@{ Id = 'shared'; Context = 'west' } | Remove-K3sBootstrapToken
            Get-StoredIdOf $west | Should -Be 'bbbbbb'
        }

        It 'Remove- takes an object with an Id alone, in the current context' {
            [pscustomobject]@{ Id = 'shared' } | Remove-K3sBootstrapToken
            Get-StoredIdOf $east | Should -Be 'aaaaaa'
        }

        It 'refuses an object that has no Id, and shows nothing of it: <Command>' -ForEach @(
            @{ Command = 'Get-'; Run = { $args[0] | Get-K3sBootstrapToken } }
            @{ Command = 'Set-'; Run = { $args[0] | Set-K3sBootstrapToken -Description x } }
            @{ Command = 'Remove-'; Run = { $args[0] | Remove-K3sBootstrapToken } }
        ) {
            $failure = Get-Failure { & $Run ([pscustomobject]@{ ShortToken = 'shared.0123456789abcdef' }) }
            $failure.Message | Should -BeLike '*Id*'
            $failure.Message | Should -Not -BeLike '*0123456789abcdef*'
            $failure.Output | Should -BeNullOrEmpty
            Get-StoredIdOf $east | Should -Be 'aaaaaa', 'shared'
        }
    }

    Context 'and an -Id that is typed' {
        It 'does neither: <Command>' -ForEach @(
            @{ Command = 'Remove-'; Run = { $input | Remove-K3sBootstrapToken -Id shared } }
            @{ Command = 'Set-'; Run = { $input | Set-K3sBootstrapToken -Id shared -Description x } }
        ) {
            (Get-Failure { Get-K3sBootstrapToken | & $Run }).Output | Should -BeNullOrEmpty
            (Get-Failure { 'aaaaaa' | & $Run }).Output | Should -BeNullOrEmpty
            Get-StoredIdOf $east | Should -Be 'aaaaaa', 'shared'
            (Get-K3sBootstrapToken).Description | Should -Be '', ''
        }
    }

    Context 'that end early' {
        It 'Get- stops where the pipeline has enough' {
            (Get-K3sBootstrapToken -Context * | Select-Object -First 1).Id | Should -Be 'aaaaaa'
        }
    }

    Context 'from Get- to Get-' {
        It 'give the same tokens again' {
            (Get-K3sBootstrapToken | Get-K3sBootstrapToken).Id | Should -Be 'aaaaaa', 'shared'
        }

        It 'take objects with an Id' {
            ([pscustomobject]@{ Id = 'shared'; Other = 1 } | Get-K3sBootstrapToken).Id | Should -Be 'shared'
        }
    }
}

Describe 'A table of tokens to create' {
    BeforeAll {
        $env:KUBECONFIG = $east
    }

    AfterEach {
        Get-StoredToken | Remove-StoredToken
    }

    It 'is created row by row' {
        $created = @'
Token,Description,Groups,Usages,TimeToLive
aaaaaa.0123456789abcdef,rack 1,"system:bootstrappers:a,system:bootstrappers:b",authentication,7d
001234.0123456789abcdef,rack 2,system:bootstrappers:c,"authentication, signing",0
cccccc.0123456789abcdef,,,,24h
'@ | ConvertFrom-Csv | New-K3sBootstrapToken

        $created.Id | Should -Be 'aaaaaa', '001234', 'cccccc'
        $first, $second, $third = 'aaaaaa', '001234', 'cccccc' | ForEach-Object { Get-StoredToken $_ }
        $first.Data.description | Should -BeExactly 'rack 1'
        $first.Data['auth-extra-groups'] | Should -BeExactly 'system:bootstrappers:a,system:bootstrappers:b'
        $first.Data.ContainsKey('usage-bootstrap-signing') | Should -BeFalse
        $second.Data['auth-extra-groups'] | Should -BeExactly 'system:bootstrappers:c'
        $second.Data['usage-bootstrap-signing'] | Should -BeExactly 'true'
        $second.Data.ContainsKey('expiration') | Should -BeFalse
        $third.Data.ContainsKey('description') | Should -BeFalse
        $third.Data['auth-extra-groups'] | Should -BeExactly 'system:bootstrappers:k3s:default-node-token'
        $third.Data['usage-bootstrap-signing'] | Should -BeExactly 'true'
    }

    It 'goes on past a row that is wrong' {
        $failure = Get-Failure {
            @'
Description,Groups,TimeToLive
good,,1h
wrong group,system:masters,1h
wrong time,,soon
good again,,1h
'@ | ConvertFrom-Csv | New-K3sBootstrapToken
        }
        $failure.Errors.FullyQualifiedErrorId -replace ',.*' | Should -Be 'InvalidGroup', 'ParameterArgumentTransformationError'
        $failure.Output.Description | Should -Be 'good', 'good again'
        (Get-StoredToken).Data.description | Sort-Object | Should -Be 'good', 'good again'
    }

    It 'has the cluster of the command, whatever its columns say' {
        [pscustomobject]@{ Description = 'x'; Context = 'nowhere'; Kubeconfig = '/nowhere' } | New-K3sBootstrapToken | Should -HaveCount 1
    }
}

Describe 'Strict mode' {
    BeforeAll {
        $env:KUBECONFIG = $east
    }

    It 'finds nothing to complain about' {
        $all = & {
            Set-StrictMode -Version Latest
            $ErrorActionPreference = 'Stop'
            New-K3sBootstrapToken -Ttl 0 | Format-Table
            $token = New-K3sBootstrapToken -Ttl 1h
            $token | Format-Table
            $token | Set-K3sBootstrapToken -Description x -PassThru | Format-List *
            Get-K3sBootstrapToken -IncludeSecret | Format-Table
            Get-K3sBootstrapToken | Format-Wide
            Get-K3sBootstrapToken | Remove-K3sBootstrapToken -PassThru | Format-Table
        } *>&1 | Out-String
        $all | Should -Not -BeNullOrEmpty
        Get-StoredToken | Should -BeNullOrEmpty
    }
}
