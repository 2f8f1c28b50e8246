BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    $sandbox = Start-Sandbox '--cleaner', 'off'
}

AfterAll {
    Stop-Sandbox $sandbox
}

Describe 'Set-K3sBootstrapToken' {
    BeforeEach {
        New-StoredToken abc123 @{ description = 'old'; expiration = '2999-01-02T03:04:05Z' }
        $before = (Get-StoredToken abc123).Data
    }

    AfterEach {
        Get-StoredToken | Remove-StoredToken
    }

    Context 'one thing that is named' {
        It '<Name> changes, and nothing else' -ForEach @(
            @{ Name = 'Description'; Change = @{ Description = 'new' }; Key = 'description'; Value = 'new' }
            @{
                Name = 'Groups'; Change = @{ Groups = 'system:bootstrappers:a', 'system:bootstrappers:b' }
                Key = 'auth-extra-groups'; Value = 'system:bootstrappers:a,system:bootstrappers:b'
            }
            @{ Name = 'Usages'; Change = @{ Usages = 'authentication' }; Key = 'usage-bootstrap-signing'; Value = $null }
            @{ Name = 'TimeToLive'; Change = @{ TimeToLive = 0 }; Key = 'expiration'; Value = $null }
            @{
                Name = 'ExpiresOn'; Change = @{ ExpiresOn = ([DateTimeOffset] '2998-01-02T03:04:05Z').LocalDateTime }
                Key = 'expiration'; Value = '2998-01-02T03:04:05Z'
            }
            @{ Name = 'an empty description'; Change = @{ Description = '' }; Key = 'description'; Value = $null }
            @{ Name = 'an empty list of groups'; Change = @{ Groups = @() }; Key = 'auth-extra-groups'; Value = $null }
        ) {
            Set-K3sBootstrapToken abc123 @Change | Should -BeNullOrEmpty
            $after = (Get-StoredToken abc123).Data
            $after[$Key] | Should -BeExactly $Value
            foreach ($other in $before.Keys | Where-Object { $_ -ne $Key }) {
                $after[$other] | Should -BeExactly $before[$other] -Because $other
            }
        }
    }

    Context 'the time to live' {
        It 'counts from now' {
            $token = Set-K3sBootstrapToken abc123 -TimeToLive 3h -PassThru
            [Math]::Round($token.TimeToLive.TotalMinutes) | Should -Be 180
        }

        It 'brings an expired token back' {
            New-StoredToken past11 @{ expiration = '2020-01-01T00:00:00Z' }
            Set-K3sBootstrapToken past11 -Ttl 1h
            (Get-K3sBootstrapToken past11).CanAuthenticate | Should -BeTrue
        }
    }

    Context 'several tokens' {
        It 'are all changed, and written with -PassThru in the order they were given' {
            New-StoredToken bbbbbb
            New-StoredToken aaaaaa
            (Set-K3sBootstrapToken bbbbbb, abc123, aaaaaa -Description new -PassThru).Id | Should -Be 'bbbbbb', 'abc123', 'aaaaaa'
            (Get-StoredToken).Data.description | Should -Be 'new', 'new', 'new'
        }

        It 'are changed though one is not there' {
            $failure = Get-Failure { Set-K3sBootstrapToken zzzzzz, abc123 -Description new }
            $failure.Id | Should -Be 'TokenNotFound'
            $failure.Target | Should -Be 'zzzzzz'
            $failure.Terminating | Should -BeFalse
            (Get-StoredToken abc123).Data.description | Should -BeExactly 'new'
        }
    }

    Context 'a token that came down the pipeline' {
        It 'keeps what somebody else changed meanwhile' {
            $tokens = Get-K3sBootstrapToken
            $null = Invoke-Api "$SecretsPath/bootstrap-token-abc123" Patch @{ stringData = @{ description = 'of somebody else' } }
            $tokens | Set-K3sBootstrapToken -Ttl 3h
            (Get-StoredToken abc123).Data.description | Should -BeExactly 'of somebody else'
        }

        It 'that is gone is TokenNotFound: it was not changed' {
            $tokens = Get-K3sBootstrapToken
            Get-StoredToken | Remove-StoredToken
            (Get-Failure { $tokens | Set-K3sBootstrapToken -Ttl 3h }).Id | Should -Be 'TokenNotFound'
        }
    }

    Context 'what cannot be done' {
        It 'is a change of a Secret that is no usable token' {
            New-StoredToken broken @{ 'token-secret' = 'no' }
            $failure = Get-Failure { Set-K3sBootstrapToken broken -Ttl 3h }
            $failure.Id | Should -Be 'TokenMalformed'
            $failure.Target | Should -Be 'broken'
            (Get-StoredToken broken).Data.ContainsKey('expiration') | Should -BeFalse
        }

        It 'is nothing at all' {
            { Set-K3sBootstrapToken abc123 } | Should -Throw -ErrorId 'NothingToChange,*'
        }
    }

    Context '-WhatIf' {
        It 'changes nothing' {
            $revision = Get-Revision
            Set-K3sBootstrapToken abc123 -Description new -WhatIf
            Get-Revision | Should -Be $revision
        }

        It 'says what of which token would change' {
            $transcript = Join-Path $TestDrive transcript.txt
            $null = Start-Transcript $transcript
            Set-K3sBootstrapToken abc123 -Description new -Ttl 1h -WhatIf
            $null = Stop-Transcript
            Get-Content $transcript -Raw | Should -Match "operation ""Set Description, TimeToLive"" on target ""bootstrap token 'abc123'"
        }
    }
}
