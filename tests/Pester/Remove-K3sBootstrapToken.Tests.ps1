BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    $sandbox = Start-Sandbox '--cleaner', 'off'
}

AfterAll {
    Stop-Sandbox $sandbox
}

Describe 'Remove-K3sBootstrapToken' {
    BeforeEach {
        New-StoredToken aaaaaa @{ expiration = '2020-01-01T00:00:00Z' }
        New-StoredToken bbbbbb
        New-StoredToken cccccc
    }

    AfterEach {
        Get-StoredToken | Remove-StoredToken
    }

    Context 'ids' {
        It 'removes the token and writes nothing: <Form>' -ForEach @(
            @{ Form = 'id'; Value = 'bbbbbb' }
            @{ Form = 'id.secret'; Value = 'bbbbbb.0123456789abcdef' }
            @{ Form = 'id.secret with a secret that is not the token''s'; Value = 'bbbbbb.ffffffffffffffff' }
            @{ Form = 'K10'; Value = "K10$('0' * 64)::bbbbbb.0123456789abcdef" }
        ) {
            Remove-K3sBootstrapToken $Value | Should -BeNullOrEmpty
            (Get-StoredToken).Name | Should -Be 'bootstrap-token-aaaaaa', 'bootstrap-token-cccccc'
        }

        It 'removes several' {
            Remove-K3sBootstrapToken -Id aaaaaa, cccccc
            (Get-StoredToken).Name | Should -Be 'bootstrap-token-bbbbbb'
        }

        It 'writes what it removed with -PassThru, in the order it was given' {
            (Remove-K3sBootstrapToken cccccc, aaaaaa -PassThru).Id | Should -Be 'cccccc', 'aaaaaa'
        }

        It 'says what is not there, and goes on' {
            $failure = Get-Failure { Remove-K3sBootstrapToken zzzzzz, aaaaaa, yyyyyy, bbbbbb }
            $failure.Errors.FullyQualifiedErrorId | Should -BeLike 'TokenNotFound,*'
            $failure.Errors.TargetObject | Should -Be 'zzzzzz', 'yyyyyy'
            $failure.Terminating | Should -BeFalse
            (Get-StoredToken).Name | Should -Be 'bootstrap-token-cccccc'
        }

        It 'knows no wildcards, and says what does' {
            $failure = Get-Failure { Remove-K3sBootstrapToken '*', 'bbbbb?' }
            $failure.Errors.FullyQualifiedErrorId | Should -BeLike 'InvalidTokenFormat,*'
            $failure.Message | Should -BeLike '*Wildcards are for Get-K3sBootstrapToken*'
            Get-StoredToken | Should -HaveCount 3
        }
    }

    Context 'tokens that come down the pipeline' {
        It 'removes those, and no others' {
            Get-K3sBootstrapToken | Where-Object Expired | Remove-K3sBootstrapToken
            (Get-StoredToken).Name | Should -Be 'bootstrap-token-bbbbbb', 'bootstrap-token-cccccc'
        }

        It 'says no more than a verbose line of a token that is gone already' {
            $tokens = Get-K3sBootstrapToken
            Get-StoredToken bbbbbb | Remove-StoredToken
            $said = $tokens | Remove-K3sBootstrapToken -Verbose *>&1
            $said | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
            "$said" | Should -Match "'bbbbbb' was gone already"
            Get-StoredToken | Should -BeNullOrEmpty
        }

        It 'removes a token whose Secret has another name than its id asks for' {
            New-StoredToken zzzzzz -Name bootstrap-token-other
            Get-K3sBootstrapToken | Where-Object Problems -EQ NameMismatch | Remove-K3sBootstrapToken
            (Get-StoredToken).Name | Should -Be 'bootstrap-token-aaaaaa', 'bootstrap-token-bbbbbb', 'bootstrap-token-cccccc'
        }

        It 'removes what New- just created' {
            $before = (Get-StoredToken).Name
            New-K3sBootstrapToken -Count 3 | Remove-K3sBootstrapToken
            (Get-StoredToken).Name | Should -Be $before
        }
    }

    Context 'an error that ends the command' {
        It 'comes after the outcome of all that was under way' {
            $ids = 10..49 | ForEach-Object { "id00$_" }
            $ids | ForEach-Object { New-StoredToken $_ }
            $failure = Get-Failure { 'zzzzzz', $ids, 'yyyyyy' | ForEach-Object { $_ } | Remove-K3sBootstrapToken -PassThru -ErrorAction Stop }
            $failure.Id | Should -Be 'TokenNotFound'
            $failure.Target | Should -Be 'zzzzzz'
            $failure.Terminating | Should -BeTrue
            $failure.Output | Should -Not -BeNullOrEmpty
            $failure.Output.Id | Should -Be @($ids | Where-Object { "bootstrap-token-$_" -notin (Get-StoredToken).Name })
        }

        It 'is found out about one item before it is asked for, too' {
            $ErrorActionPreference = 'Stop'
            $said = [Collections.Generic.List[object]]::new()
            { 'aaaaaa', 'bbbbbb', 'NO', 'cccccc' | Remove-K3sBootstrapToken -PassThru | ForEach-Object { $said.Add($_) } } |
                Should -Throw -ErrorId 'InvalidTokenFormat,*'
            $said.Id | Should -Be 'aaaaaa', 'bbbbbb'
            (Get-StoredToken).Name | Should -Be 'bootstrap-token-cccccc'
        }

        It 'comes with a warning of what else failed' {
            $said = [Collections.Generic.List[object]]::new()
            { Remove-K3sBootstrapToken -Id zzzzzz, yyyyyy -ErrorAction Stop *>&1 | ForEach-Object { $said.Add($_) } } |
                Should -Throw -ErrorId 'TokenNotFound,*'
            "$said" | Should -BeLike "Besides what ended the command, this failed: yyyyyy*'yyyyyy'*"
        }
    }

    Context 'what ends the command otherwise' {
        BeforeAll {
            $ids = 10..49 | ForEach-Object { "id00$_" }
            function Get-Gone { @($ids | Where-Object { "bootstrap-token-$_" -notin (Get-StoredToken).Name }) }
        }

        BeforeEach {
            $ids | ForEach-Object { New-StoredToken $_ }
            $said = [Collections.Generic.List[string]]::new()
        }

        It 'a warning comes after the outcome of all that was under way' {
            $loose = Join-Path (Get-Item TestDrive:/).FullName skips.yaml
            (Get-Content $env:KUBECONFIG -Raw) -replace 'certificate-authority-data: \S+', 'insecure-skip-tls-verify: true' | Set-Content $loose
            Protect-File $loose
            $strict = $env:KUBECONFIG
            $objects = @($ids | Select-Object @{ Name = 'Id'; Expression = { $_ } }, @{ Name = 'Kubeconfig'; Expression = { $strict } })
            $objects[-1].Kubeconfig = $loose
            { $objects | Remove-K3sBootstrapToken -PassThru -WarningAction Stop | ForEach-Object { $said.Add($_.Id) } } |
                Should -Throw -ErrorId 'ActionPreferenceStop,*'
            $said | Should -Be $ids
            Get-Gone | Should -Be $ids
        }

        It 'and so does a verbose line' {
            & {
                $VerbosePreference = 'Stop'
                { $ids | Remove-K3sBootstrapToken -PassThru | ForEach-Object { $said.Add($_.Id) } } | Should -Throw -ErrorId 'ActionPreferenceStop,*'
            }
            $said | Should -Not -BeNullOrEmpty
            $said | Should -Be (Get-Gone)
        }

        It 'what happened comes on the console where <What>' -ForEach @(
            @{ What = 'an object does not bind'; End = { $ids; [pscustomobject]@{ x = 1 } } }
            @{ What = 'null comes down the pipeline'; End = { $ids; $null } }
            @{ What = 'what stands before throws'; End = { $ids; throw 'x' } }
        ) {
            $script = Join-Path (Get-Item TestDrive:/).FullName script.ps1
            Set-Content $script ("param(`$module, [string[]] `$ids) Import-Module `$module; `$ErrorActionPreference = 'Stop'`n" +
                "& { $End } | Remove-K3sBootstrapToken -PassThru | Out-Null")
            $out = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command "& '$script' '$((Get-Module K3sToken).Path)' ('$ids' -split ' ')" 2>$null
            $gone = Get-Gone
            $gone | Should -Not -BeNullOrEmpty
            $gone | ForEach-Object { "$out" | Should -Match "\b$_\b" }
        }

        It 'and so do errors that were to come last, where what stands behind has enough' {
            $script = Join-Path (Get-Item TestDrive:/).FullName script.ps1
            Set-Content $script ("param(`$module, [string[]] `$ids) Import-Module `$module`n" +
                "'zzzzzz', `$ids | ForEach-Object { `$_ } | Remove-K3sBootstrapToken -PassThru -ErrorAction Stop | Select-Object -First 1 Id")
            $out = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command "& '$script' '$((Get-Module K3sToken).Path)' ('$ids' -split ' ')" 2>$null
            "$out" | Should -Match 'zzzzzz'
            $gone = Get-Gone
            $gone | Should -Not -BeNullOrEmpty
            $gone | ForEach-Object { "$out" | Should -Match "\b$_\b" }
        }
    }

    Context '-WhatIf and -Confirm' {
        It '-WhatIf changes nothing' {
            $before = Get-Revision
            Get-K3sBootstrapToken | Remove-K3sBootstrapToken -WhatIf
            Get-Revision | Should -Be $before
        }

        It '-Confirm:$false asks nothing, however careful the session is' {
            $ConfirmPreference = 'Low'
            Remove-K3sBootstrapToken aaaaaa -Confirm:$false
            Get-StoredToken | Should -HaveCount 2
        }
    }
}
