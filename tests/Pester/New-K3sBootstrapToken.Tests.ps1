BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    $sandbox = Start-Sandbox '--cleaner', 'off'

    # How long a token was meant to live when it was created, to the second.
    function Get-StoredLifetime([string] $Id) {
        $stored = Get-StoredToken $Id
        $created = [DateTimeOffset] $stored.Metadata.creationTimestamp
        [TimeSpan]::FromSeconds([Math]::Round(([DateTimeOffset] $stored.Data.expiration - $created).TotalSeconds))
    }
}

AfterAll {
    Stop-Sandbox $sandbox
}

Describe 'New-K3sBootstrapToken' {
    AfterEach {
        Get-StoredToken | Remove-StoredToken
    }

    Context 'without parameters' {
        It 'creates what k3s token create creates' {
            $token = New-K3sBootstrapToken -AsPlainText
            $stored = Get-StoredToken
            $stored.Name | Should -BeExactly "bootstrap-token-$($token.Id)"
            $stored.Data.Keys | Sort-Object | Should -Be @(
                'auth-extra-groups', 'expiration', 'token-id', 'token-secret', 'usage-bootstrap-authentication', 'usage-bootstrap-signing')
            $stored.Data['auth-extra-groups'] | Should -BeExactly 'system:bootstrappers:k3s:default-node-token'
            $stored.Data['usage-bootstrap-authentication'] | Should -BeExactly 'true'
            $stored.Data['usage-bootstrap-signing'] | Should -BeExactly 'true'
            "$($stored.Data['token-id']).$($stored.Data['token-secret'])" | Should -BeExactly $token.ShortToken
            [Math]::Round((Get-StoredLifetime $token.Id).TotalMinutes) | Should -Be (24 * 60)
        }

        It 'writes one issued token' {
            $token = New-K3sBootstrapToken
            $token | Should -BeOfType ([K3sToken.IssuedBootstrapToken])
            $token.Id | Should -MatchExactly '^[a-z0-9]{6}$'
            $token.CanAuthenticate | Should -BeTrue
            $token.Server | Should -BeExactly (Get-KubeconfigValue server)
        }

        It 'writes the token as SecureStrings' {
            $token = New-K3sBootstrapToken
            $token.Token | Should -BeOfType ([securestring])
            $token.ShortToken | Should -BeOfType ([securestring])
            $stored = (Get-StoredToken).Data
            [Net.NetworkCredential]::new('', $token.ShortToken).Password | Should -BeExactly "$($token.Id).$($stored['token-secret'])"
        }

        It 'writes the whole token with the hash of the CA' {
            $token = New-K3sBootstrapToken -AsPlainText
            $token.Token | Should -BeExactly "K10$(Get-ExpectedCAHash)::$($token.ShortToken)"
        }

        It 'makes a token that the cluster accepts' {
            $token = New-K3sBootstrapToken -AsPlainText
            $answer = Invoke-Api $SecretsPath -Bearer $token.ShortToken
            $answer.Status | Should -Be 403
            $answer.Body.message | Should -Match "User `"system:bootstrap:$($token.Id)`""
        }
    }

    Context 'a token that is given' {
        It 'is created: <Name>' -ForEach @(
            @{ Name = 'text'; Value = 'abc123.0123456789abcdef' }
            @{ Name = 'SecureString'; Value = (ConvertTo-SecureString 'abc123.0123456789abcdef' -AsPlainText -Force) }
        ) {
            (New-K3sBootstrapToken -Token $Value).Id | Should -BeExactly 'abc123'
            (Get-StoredToken abc123).Data['token-secret'] | Should -BeExactly '0123456789abcdef'
        }

        It 'may be what New-K3sTokenValue made' {
            $value = New-K3sTokenValue
            $token = New-K3sBootstrapToken $value -AsPlainText
            $token.ShortToken | Should -BeExactly ([Net.NetworkCredential]::new('', $value).Password)
        }

        It 'is not the other of two with the same id: that one stays as it is' {
            New-StoredToken abc123 @{ description = 'the old one' }
            (Get-Failure { New-K3sBootstrapToken abc123.fedcba9876543210 }).Id | Should -Be 'TokenAlreadyExists'
            (Get-StoredToken abc123).Data.description | Should -BeExactly 'the old one'
        }
    }

    Context 'what is said about it' {
        It 'is stored' {
            $groups = 'system:bootstrappers:a', 'system:bootstrappers:b'
            $null = New-K3sBootstrapToken -Description 'für Regal 7' -Groups $groups -Usages authentication
            $data = (Get-StoredToken).Data
            $data.description | Should -BeExactly 'für Regal 7'
            $data['auth-extra-groups'] | Should -BeExactly 'system:bootstrappers:a,system:bootstrappers:b'
            $data['usage-bootstrap-authentication'] | Should -BeExactly 'true'
            $data.ContainsKey('usage-bootstrap-signing') | Should -BeFalse
        }

        It 'may be that it has no group of its own' {
            (New-K3sBootstrapToken -Groups @()).Groups | Should -BeNullOrEmpty
            (Get-StoredToken).Data.ContainsKey('auth-extra-groups') | Should -BeFalse
        }
    }

    Context 'the time it lives' {
        It 'is <Seconds> s for <Value>' -ForEach @(
            @{ Value = '30s'; Seconds = 30 }
            @{ Value = '90m'; Seconds = 5400 }
            @{ Value = '1h30m'; Seconds = 5400 }
            @{ Value = '7d'; Seconds = 604800 }
            @{ Value = '1.00:00:00'; Seconds = 86400 }
            @{ Value = [TimeSpan]::FromHours(3); Seconds = 10800 }
        ) {
            $token = New-K3sBootstrapToken -TimeToLive $Value
            [Math]::Abs((Get-StoredLifetime $token.Id).TotalSeconds - $Seconds) | Should -BeLessOrEqual 2
        }

        It 'is for ever for 0' {
            (New-K3sBootstrapToken -Ttl 0).NeverExpires | Should -BeTrue
            (Get-StoredToken).Data.ContainsKey('expiration') | Should -BeFalse
        }

        It 'ends at -ExpiresOn' {
            $moment = [DateTime]::new(2999, 1, 2, 3, 4, 5)
            (New-K3sBootstrapToken -ExpiresOn $moment).Expires | Should -Be $moment
            (Get-StoredToken).Data.expiration | Should -BeExactly $moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")
        }
    }

    Context '-Count' {
        It 'creates so many, all different' {
            $tokens = New-K3sBootstrapToken -Count 40 -Description batch -AsPlainText
            $tokens | Should -HaveCount 40
            $tokens.ShortToken | Select-Object -Unique | Should -HaveCount 40
            (Get-StoredToken).Name | Sort-Object | Should -Be ($tokens.SecretName | Sort-Object)
        }

        It 'does not go with -Token' {
            { New-K3sBootstrapToken -Count 2 -Token abc123.0123456789abcdef } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        }
    }

    Context 'a server behind a proxy that has a path' {
        It 'makes a token in its short form, and warns' {
            # The sandbox answers nothing below such a path: the warning comes before the token is asked for.
            $kubeconfig = New-Kubeconfig '(server: \S+)' '$1/k8s/clusters/local'
            $said = New-K3sBootstrapToken -Kubeconfig $kubeconfig 3>&1 2>$null
            "$said" | Should -Match 'short form, without the cluster''s CA hash: \S+/k8s/clusters/local is a proxy'
        }
    }

    Context 'a pipeline that has enough' {
        It 'lets what is under way come to its end, and names it on the console' {
            $before = (Get-StoredToken).Name
            $script = Join-Path (Get-Item TestDrive:/).FullName script.ps1
            Set-Content $script 'param($module) Import-Module $module; New-K3sBootstrapToken -Count 20 | Select-Object -First 1 Id'
            $out = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command "& '$script' '$((Get-Module K3sToken).Path)'" 2>$null
            $created = @((Get-StoredToken).Name -replace '^bootstrap-token-' | Where-Object { "bootstrap-token-$_" -notin $before })
            $created | Should -Not -BeNullOrEmpty
            $created | ForEach-Object { "$out" | Should -Match "\b$_\b" }
        }
    }

    Context '-WhatIf and -Confirm' {
        It '-WhatIf changes nothing and writes nothing' {
            $before = Get-Revision
            New-K3sBootstrapToken -Count 3 -WhatIf | Should -BeNullOrEmpty
            Get-Revision | Should -Be $before
        }

        It '-WhatIf still says what is wrong' {
            (Get-Failure { New-K3sBootstrapToken -Groups system:masters -WhatIf }).Id | Should -Be 'InvalidGroup'
        }

        It '-Confirm:$false asks nothing, however careful the session is' {
            $ConfirmPreference = 'Low'
            New-K3sBootstrapToken -Confirm:$false | Should -HaveCount 1
        }
    }
}
