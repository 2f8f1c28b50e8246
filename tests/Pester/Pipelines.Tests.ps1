# The objects that cmdlets hand on to one another.
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Cluster.ps1
    $cluster = Start-Cluster '--cleaner', 'off'
    $env:K3S_URL = $cluster.Servers[0]
}

AfterAll {
    Remove-Item env:K3S_URL
    Stop-Cluster $cluster
}

Describe 'A pipeline' {
    It 'tries a bootstrap token on the server that it was made on' {
        $env:K3S_URL = 'https://nowhere.invalid'
        try {
            $results = New-K3sBootstrapToken -Count 2 | Test-K3sToken
        }
        finally {
            $env:K3S_URL = $cluster.Servers[0]
        }
        $results.Server | Should -Be $cluster.Servers[0], $cluster.Servers[0]
        $results.Succeeded + $results.CAVerified | Select-Object -Unique | Should -Be $true
        $results.Kind | Should -Be 'Bootstrap', 'Bootstrap'
    }

    It 'writes what a node must run that joins with a new bootstrap token' {
        $token = New-K3sBootstrapToken -AsPlainText
        $token.Server = 'https://k3s.example:6443' # a node cannot join by the sandbox's own address
        $command = $token | New-K3sJoinCommand
        $command | Should -BeLike "*$($token.Token)*agent --server 'https://k3s.example:6443'*"
        $secure = New-K3sBootstrapToken
        $secure | New-K3sJoinCommand -Server k3s.example -As Config |
            Should -BeExactly "server: ""https://k3s.example:6443""`ntoken: ""K10$($cluster.Hash)::$($secure.Id).$((Get-StoredToken $secure.Id).Data['token-secret'])""`n"
    }

    It 'refuses to write one for a server that only this machine can reach' {
        New-K3sBootstrapToken | New-K3sJoinCommand -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'ClusterUnreachable,*'
    }

    It 'tries the tokens of a data directory' {
        if (Test-FrameworkBuild) {
            Set-ItResult -Skipped -Because '.NET Framework cannot read where a link leads, and agent-token is one'
        }

        $result = Get-K3sServerToken $cluster.Data[0] | Test-K3sToken
        $result.Server, $result.Succeeded, $result.Kind, $result.CAVerified | Should -Be $cluster.Servers[0], $true, 'Server', $true
        $plain = Get-K3sServerToken $cluster.Data[0] -Kind Agent -AsPlainText | Test-K3sToken -Role Agent
        $plain.Succeeded, $plain.Kind | Should -Be $true, 'Agent'
    }

    It 'waits for the rotation that it begins <How>' -ForEach @(
        @{ How = 'with SecureStrings'; Plain = $false }
        @{ How = 'with texts'; Plain = $true }
    ) {
        $old = Get-K3sServerToken $cluster.Data[0]
        # The server is restarted while the pipeline runs, by what stands between.
        $servers = $old | Invoke-K3sTokenRotation -AsPlainText:$Plain -Confirm:$false -WarningAction Ignore | ForEach-Object {
            Invoke-Prompt $cluster 'restart 1' | Should -Be 'server-1 has started.'
            $_
        } | Wait-K3sTokenRotation -Timeout 1m
        $servers.State | Should -Be 'Rotated'
        $servers.Server | Should -Be $cluster.Servers[0]
        $old | Test-K3sToken -Quiet | Should -BeFalse
        Get-K3sServerToken $cluster.Data[0] | Test-K3sToken -Quiet | Should -BeTrue
    }

    It 'waits for nothing where the rotation was refused' {
        Get-Request $cluster | Out-Null
        Invoke-K3sTokenRotation -Token "K10$($cluster.Hash)::server:wrong" -Confirm:$false -ErrorAction SilentlyContinue | Wait-K3sTokenRotation | Should -BeNullOrEmpty
        (Get-Request $cluster).Method | Select-Object -Unique | Should -Be 'GET'
    }
}
