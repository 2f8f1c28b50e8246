BeforeAll {
    . $PSScriptRoot/Common.ps1
    $hash = '5386ced363485a1cf64b13e5d3ecc4e97b824a3d570147e36fca79c2bebe427b'
    $token = "K10${hash}::abc123.0123456789abcdef"
    $server = 'https://k3s.example:6443'
}

Describe 'New-K3sJoinCommand' {
    It 'writes lines for a shell that put the token into a file' {
        New-K3sJoinCommand $token -Server $server | Should -BeExactly (@(
            'sudo mkdir -p /etc/rancher/k3s'
            "sudo sh -c 'umask 077 && rm -f /etc/rancher/k3s/join-token && cat > /etc/rancher/k3s/join-token' <<'K3S_TOKEN'"
            $token
            'K3S_TOKEN'
            "curl -sfL https://get.k3s.io | sudo sh -s - agent --server 'https://k3s.example:6443' --token-file /etc/rancher/k3s/join-token"
            '# systemctl status k3s-agent shows whether it runs.'
        ) -join "`n")
    }

    It 'keeps a token that was given as the server to itself' {
        $null = New-K3sJoinCommand abc123.0123456789abcdef -Server $token -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.TargetObject | Should -BeNullOrEmpty
        $failure | Format-List * -Force | Out-String | Should -Not -Match '0123456789abcdef'
    }

    It 'takes no address for a server that leads a node to itself' -ForEach 'localhost', '127.0.0.1', '0.0.0.0', '[::]', '[::1]:6443', 'localhost.' {
        { New-K3sJoinCommand $token -Server $_ -ErrorAction Stop } | Should -Throw -ErrorId 'ClusterUnreachable,*'
    }

    It 'writes a fragment of the configuration file' {
        New-K3sJoinCommand $token -Server $server -As Config | Should -BeExactly "server: ""$server""`ntoken: ""$token""`n"
    }

    It 'writes a cloud-init document' {
        New-K3sJoinCommand $token -Server $server -As CloudInit | Should -BeLike "#cloud-config`n*token: ""$token""*"
    }

    It 'writes an environment file' {
        New-K3sJoinCommand $token -Server $server -As Environment | Should -BeExactly "K3S_URL=""$server""`nK3S_TOKEN=""$token""`n"
    }

    It 'escapes what YAML has no place for' {
        $odd = "pass$([char]0xFFFE)word"
        New-K3sJoinCommand $odd -Server $server -As Config -WarningAction Ignore | Should -BeLike '*token: "pass\uFFFEword"*'
    }

    It 'says of a text of 1 MB that it is no token, and does not show it' {
        { New-K3sJoinCommand ('x' * 1MB) -Server $server } | Should -Throw '*more than 65536 characters, which none has*'
    }

    It 'takes host:port, and the default port' {
        New-K3sJoinCommand $token -Server 'k3s.example:7000' -As Config | Should -BeLike '*"https://k3s.example:7000"*'
        New-K3sJoinCommand $token -Server 'k3s.example' -As Config | Should -BeLike '*"https://k3s.example:6443"*'
    }

    It 'takes the objects of other cmdlets' {
        [pscustomobject]@{ Token = $token; Server = $server } | New-K3sJoinCommand -As Config | Should -BeLike "*$token*"
        ConvertFrom-K3sToken $token | New-K3sJoinCommand -Server $server -As Config | Should -BeLike "*$token*"
    }

    It 'warns of a token without a CA hash' {
        $null = New-K3sJoinCommand 'abc123.0123456789abcdef' -Server $server -WarningVariable said -WarningAction SilentlyContinue
        $said | Should -BeLike '*no CA hash*'
    }

    It 'refuses a server that is the node itself' {
        New-K3sJoinCommand $token -Server https://127.0.0.1:6443 -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'ClusterUnreachable,*'
    }

    It 'refuses a bootstrap token for a server' {
        New-K3sJoinCommand $token -Server $server -Role Server -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'InvalidTokenFormat,*'
        "$failed" | Should -Not -BeLike '*0123456789abcdef*'
    }
}
