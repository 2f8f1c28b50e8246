BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    $sandbox = Start-Sandbox '--cleaner', 'off'
}

AfterAll {
    Stop-Sandbox $sandbox
}

Describe 'Get-K3sBootstrapToken' {
    Context 'a cluster without tokens' {
        It 'writes nothing' {
            Get-K3sBootstrapToken | Should -BeNullOrEmpty
        }
    }

    Context 'a cluster with tokens' {
        BeforeAll {
            New-StoredToken aaaaaa @{ description = 'the first' }
            New-StoredToken aaaaab
            New-StoredToken bbbbbb
        }

        AfterAll {
            Get-StoredToken | Remove-StoredToken
        }

        It 'lists them all by name' {
            (Get-K3sBootstrapToken).Id | Should -Be 'aaaaaa', 'aaaaab', 'bbbbbb'
        }

        It 'finds one by its id' {
            (Get-K3sBootstrapToken bbbbbb).Id | Should -Be 'bbbbbb'
        }

        It 'finds several by their ids, in the order they were given' {
            (Get-K3sBootstrapToken -Id bbbbbb, aaaaaa).Id | Should -Be 'bbbbbb', 'aaaaaa'
        }

        It 'finds those that a wildcard matches' {
            (Get-K3sBootstrapToken 'aaaa*').Id | Should -Be 'aaaaaa', 'aaaaab'
            (Get-K3sBootstrapToken 'aaaaa[b-z]').Id | Should -Be 'aaaaab'
            (Get-K3sBootstrapToken '?bbbbb').Id | Should -Be 'bbbbbb'
        }

        It 'finds a token once that an id and a wildcard match' {
            (Get-K3sBootstrapToken 'a*', aaaaaa, bbbbbb).Id | Should -Be 'aaaaaa', 'aaaaab', 'bbbbbb'
        }

        It 'writes nothing for a wildcard that matches none' {
            Get-K3sBootstrapToken 'z*' | Should -BeNullOrEmpty
        }

        It 'says which wildcard is none, and goes on with the others' {
            $failure = Get-Failure { "a[$([char]27)[31m", '[a-', 'bbbbb?' | Get-K3sBootstrapToken }
            $failure.Errors.FullyQualifiedErrorId | Should -BeLike 'InvalidTokenFormat,*'
            $failure.Errors | Should -HaveCount 2
            $failure.Terminating | Should -BeFalse
            "$($failure.Errors)" | Should -Match ([regex]::Escape("'[a-'"))
            "$($failure.Errors)" | Should -Not -Match ([char]27)
            $failure.Output.Id | Should -Be 'bbbbbb'
        }

        It 'says that a context is none where its wildcard is none' {
            $failure = Get-Failure { Get-K3sBootstrapToken -Context "[a-$([char]27)[31m" }
            $failure.Id | Should -Be 'ContextNotFound'
            $failure.Message | Should -Not -Match ([char]27)
        }

        It 'says that a kubeconfig is none where its path is none' {
            (Get-Failure { Get-K3sBootstrapToken -Kubeconfig "/tmp/a`0b" }).Id | Should -Be 'KubeconfigNotFound'
        }

        It 'finds a token by its id.secret' {
            (Get-K3sBootstrapToken aaaaab.0123456789abcdef).Id | Should -Be 'aaaaab'
        }

        It 'finds a token by its K10 form' {
            (Get-K3sBootstrapToken "K10$('0' * 64)::aaaaab.0123456789abcdef").Id | Should -Be 'aaaaab'
        }

        It 'says which id is not there, and goes on with the others' {
            $failure = Get-Failure { Get-K3sBootstrapToken zzzzzz, aaaaaa }
            $failure.Id | Should -Be 'TokenNotFound'
            $failure.Target | Should -Be 'zzzzzz'
            $failure.Output.Id | Should -Be 'aaaaaa'
        }

        It 'says which id is not there beside a wildcard' {
            $failure = Get-Failure { Get-K3sBootstrapToken zzzzzz, 'a*' }
            $failure.Id | Should -Be 'TokenNotFound'
            $failure.Target | Should -Be 'zzzzzz'
            $failure.Output.Id | Should -Be 'aaaaaa', 'aaaaab'
        }

        It 'leaves a Secret alone that has such a name and is no token' {
            $null = Invoke-Api $SecretsPath Post @{ apiVersion = 'v1'; kind = 'Secret'; metadata = @{ name = 'bootstrap-token-opaque' } }
            (Get-K3sBootstrapToken).Id | Should -Not -Contain 'opaque'
            (Get-Failure { Get-K3sBootstrapToken opaque }).Id | Should -Be 'TokenNotFound'
            $null = Invoke-Api "$SecretsPath/bootstrap-token-opaque" Delete
        }
    }

    Context 'what it says of a token' {
        AfterEach {
            Get-StoredToken | Remove-StoredToken
        }

        It 'says all that is known' {
            New-StoredToken abc123 @{
                description         = 'for the new rack'
                expiration          = '2999-01-02T03:04:05Z'
                'auth-extra-groups' = 'system:bootstrappers:k3s:default-node-token,system:bootstrappers:rack-7'
            }
            $token = Get-K3sBootstrapToken abc123
            $token | Should -BeOfType ([K3sToken.BootstrapToken])
            $token.Id | Should -BeExactly 'abc123'
            $token.Description | Should -BeExactly 'for the new rack'
            $token.Expires | Should -Be ([DateTimeOffset] '2999-01-02T03:04:05Z').LocalDateTime
            $token.Expires.Kind | Should -Be 'Local'
            [Math]::Round(($token.TimeToLive - ($token.Expires - [DateTime]::Now)).TotalHours) | Should -Be 0
            $token.Expired | Should -BeFalse
            $token.NeverExpires | Should -BeFalse
            $token.Usages | Should -Be 'authentication', 'signing'
            $token.Groups | Should -Be 'system:bootstrappers:k3s:default-node-token', 'system:bootstrappers:rack-7'
            $token.CanAuthenticate | Should -BeTrue
            $token.Problems | Should -BeNullOrEmpty
            $token.Created | Should -Be ([DateTime] (Get-StoredToken abc123).Metadata.creationTimestamp).ToLocalTime()
            $token.SecretName | Should -BeExactly 'bootstrap-token-abc123'
            $token.Context | Should -BeExactly 'default'
            $token.Server | Should -BeExactly (Get-KubeconfigValue server)
            $token.Kubeconfig | Should -BeExactly $env:KUBECONFIG
        }

        It 'says that a token without expiration never expires' {
            New-StoredToken abc123
            $token = Get-K3sBootstrapToken abc123
            $token.NeverExpires | Should -BeTrue
            $token.Expired | Should -BeFalse
            $token.Expires | Should -BeNullOrEmpty
            $token.TimeToLive | Should -BeNullOrEmpty
        }

        It 'says that a token is expired, and lives for no time' {
            New-StoredToken abc123 @{ expiration = '2020-01-02T03:04:05Z' }
            $token = Get-K3sBootstrapToken abc123
            $token.Expired | Should -BeTrue
            $token.TimeToLive | Should -Be ([TimeSpan]::Zero)
            $token.CanAuthenticate | Should -BeFalse
            $token.Problems | Should -Be 'Expired'
        }

        It 'takes an expiration that cannot be read for expired' {
            New-StoredToken abc123 @{ expiration = 'tomorrow' }
            $token = Get-K3sBootstrapToken abc123
            $token.Expired | Should -BeTrue
            $token.NeverExpires | Should -BeFalse
            $token.Expires | Should -BeNullOrEmpty
            $token.TimeToLive | Should -BeNullOrEmpty
            $token.Problems | Should -Be 'ExpirationInvalid'
        }

        It 'names the problem: <Problem>' -ForEach @(
            @{ Problem = 'NoAuthenticationUsage'; Data = @{ 'usage-bootstrap-authentication' = $null } }
            @{ Problem = 'NoAuthenticationUsage'; Data = @{ 'usage-bootstrap-authentication' = 'True' } }
            @{ Problem = 'GroupInvalid'; Data = @{ 'auth-extra-groups' = 'system:masters' } }
            @{ Problem = 'GroupInvalid'; Data = @{ 'auth-extra-groups' = 'system:bootstrappers:a, system:bootstrappers:b' } }
            @{ Problem = 'NameMismatch'; Data = @{ 'token-id' = 'zzzzzz' } }
            @{ Problem = 'IdMissing'; Data = @{ 'token-id' = $null } }
            @{ Problem = 'SecretMissing'; Data = @{ 'token-secret' = $null } }
            @{ Problem = 'SecretMalformed'; Data = @{ 'token-secret' = 'TOO SHORT' } }
        ) {
            New-StoredToken abc122
            New-StoredToken abc123 $Data
            New-StoredToken abc124
            $tokens = Get-K3sBootstrapToken
            $tokens.Id | Should -Be 'abc122', 'abc123', 'abc124'
            $tokens[1].Problems | Should -Be $Problem
            $tokens.CanAuthenticate | Should -Be $true, $false, $true
        }
    }

    Context 'the table' {
        AfterAll {
            Get-StoredToken | Remove-StoredToken
        }

        It 'shows what k3s token list shows' {
            $soon = [DateTime]::UtcNow.AddHours(23.5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")
            New-StoredToken aaaaaa @{ expiration = $soon; description = 'for the rack' }
            New-StoredToken bbbbbb
            New-StoredToken cccccc @{ expiration = '2020-06-15T12:00:00Z' }
            New-StoredToken dddddd @{ expiration = 'tomorrow' }
            $date = ([DateTimeOffset] '2020-06-15T12:00:00Z').LocalDateTime.ToString('yyyy-MM-dd HH:mm')
            $lines = (Get-K3sBootstrapToken | Out-String -Width 150).Trim() -split '\r?\n' -replace '\s+', ' ' | Select-Object -Skip 2
            $lines[0] | Should -BeExactly 'Id TTL Expires Usages Description Groups'
            $lines[2] | Should -Match '^aaaaaa 23h \d{4}-\d\d-\d\d \d\d:\d\d authentication,signing for the rack system:bootstrappers:k3s:default'
            $lines[3] | Should -Match '^bbbbbb <forever> authentication,signing system:bootstrappers:k3s:default-node-token ?$'
            $lines[4] | Should -Match "^cccccc <invalid> $date "
            $lines[5] | Should -Match '^dddddd <invalid> authentication'
        }
    }

    Context '-ExpiringWithin' {
        BeforeAll {
            $in = { param($hours) @{ expiration = [DateTime]::UtcNow.AddHours($hours).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'") } }
            New-StoredToken 1hour1 (& $in 1)
            New-StoredToken 1day11 (& $in 24)
            New-StoredToken never1
            New-StoredToken past11 (& $in -1)
        }

        AfterAll {
            Get-StoredToken | Remove-StoredToken
        }

        It 'leaves out the expired and those that never expire' {
            (Get-K3sBootstrapToken -ExpiringWithin 2d).Id | Should -Be '1day11', '1hour1'
        }

        It 'leaves out those that live longer' {
            (Get-K3sBootstrapToken -ExpiringWithin 2h).Id | Should -Be '1hour1'
        }
    }

    Context 'secrets' {
        BeforeAll {
            New-StoredToken abc123
        }

        It 'are left out unless asked for' {
            (Get-K3sBootstrapToken abc123).PSObject.Properties.Name | Should -Not -Contain 'ShortToken'
        }

        It 'come as SecureString with -IncludeSecret' {
            $token = Get-K3sBootstrapToken abc123 -IncludeSecret
            $token.ShortToken | Should -BeOfType ([securestring])
            [Net.NetworkCredential]::new('', $token.ShortToken).Password | Should -BeExactly 'abc123.0123456789abcdef'
        }

        It 'come as text with -AsPlainText' {
            (Get-K3sBootstrapToken -AsPlainText).ShortToken | Should -BeExactly 'abc123.0123456789abcdef'
        }

        It 'are null where the Secret makes no token' {
            New-StoredToken broken @{ 'token-secret' = 'no' }
            (Get-K3sBootstrapToken broken -AsPlainText).ShortToken | Should -BeNullOrEmpty
        }
    }
}
