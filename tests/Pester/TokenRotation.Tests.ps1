BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}

Describe 'Invoke-K3sTokenRotation' {
    Context 'of values that K3s trips over' {
        It 'refuses <Name> before it looks for a server' -ForEach @(
            @{ Name = 'a bootstrap token'; Value = 'abcdef.0123456789abcdef' }
            @{ Name = 'a bare K10'; Value = 'K10abcdefgh' }
            @{ Name = 'a line end'; Value = "new-secret-value`n" }
            @{ Name = 'a space'; Value = 'new-secret value' }
        ) {
            Invoke-K3sTokenRotation 127.0.0.1:1 -Token current-secret -NewToken $Value -Confirm:$false -ErrorVariable problem -ErrorAction SilentlyContinue |
                Should -BeNullOrEmpty
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'InvalidTokenFormat,*'
            "$problem" | Should -Not -BeLike "*$Value*"
            "$problem" | Should -Not -BeLike '*current-secret*'
        }
    }

    Context 'of a server that nobody hears' {
        It 'says so, changes nothing and names no token' {
            $said = Invoke-K3sTokenRotation 127.0.0.1:1 -Token current-secret -NewToken next-secret -Force -Confirm:$false -Verbose *>&1
            $said.FullyQualifiedErrorId | Should -BeLike 'ClusterUnreachable,*'
            "$said" | Should -Not -Match 'current-secret|next-secret'
        }

        It 'is an error with another scheme than https' {
            Invoke-K3sTokenRotation http://127.0.0.1:1 -Token current-secret -Confirm:$false -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'ClusterUnreachable,*'
        }
    }

    It 'asks before it acts' {
        $impact = (Get-Command Invoke-K3sTokenRotation).ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $true)
        "$($impact.ConfirmImpact)" | Should -Be High
    }

    It 'needs a current token from somewhere' {
        $env:K3S_DATA_DIR = "$TestDrive/none"
        try {
            Invoke-K3sTokenRotation 127.0.0.1:1 -Confirm:$false -ErrorVariable problem -ErrorAction SilentlyContinue
        }
        finally {
            Remove-Item env:K3S_DATA_DIR
        }
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'TokenNotFound,*'
    }
}

Describe 'Get-K3sTokenRotation' {
    It 'says that a server is not reachable' {
        $server = Get-K3sTokenRotation old-secret new-secret -Server 127.0.0.1:1
        $server.State | Should -Be Unreachable
        $server.Server | Should -Be https://127.0.0.1:1
        $server.Detail | Should -BeLike '*cannot be reached*'
    }
}

Describe 'Wait-K3sTokenRotation' {
    It 'ends with the list of servers when the time is over' {
        $servers = Wait-K3sTokenRotation old-secret new-secret -Server 127.0.0.1:1, 127.0.0.1:2 -Timeout 1s -ErrorVariable problem -ErrorAction SilentlyContinue
        $servers.State | Should -Be Unreachable, Unreachable
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'RotationIncomplete,*'
        "$problem" | Should -BeLike '*https://127.0.0.1:1*https://127.0.0.1:2*'
        "$problem" | Should -Not -Match 'old-secret|new-secret'
    }
}
