BeforeDiscovery {
    $bundles = (Get-Content "$PSScriptRoot/../recorded/cacerts/ca-hash.json" -Raw -Encoding utf8 | ConvertFrom-Json).vectors |
        ForEach-Object { @{ Id = $_.id; File = $_.file; Hash = $_.hash; Problem = $_.error } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Supervisor.ps1
    $recorded = "$PSScriptRoot/../recorded/cacerts"
}

Describe 'Get-K3sClusterCA -Path' {
    Context 'the recorded bundle <Id>' -ForEach $bundles {
        It 'has the hash, or the problem, that K3s finds' {
            if ($Id -eq 'ed25519-chain' -and -not $IsLinux) {
                Set-ItResult -Skipped -Because 'the platform verifies no Ed25519 signatures'
            }

            if ($Problem) {
                $failure = Get-Failure { Get-K3sClusterCA -Path "$recorded/$File" }
                $failure.Id | Should -BeExactly 'ServerError'
                $failure.Message | Should -BeLike "*$([WildcardPattern]::Escape($Problem))*"
                $failure.Message | Should -BeLike "*$(Split-Path $File -Leaf)*"
                $failure.Output | Should -BeNullOrEmpty
            }
            else {
                if ($File -like '*ed25519-chain*' -and (Test-FrameworkBuild)) {
                    Set-ItResult -Skipped -Because '.NET Framework has no Ed25519'
                }

                (Get-K3sClusterCA -Path "$recorded/$File").Hash | Should -BeExactly $Hash
            }
        }
    }

    It 'says all that is known' {
        $ca = Get-K3sClusterCA -Path "$recorded/self-signed.cacerts.pem"
        $ca | Should -BeOfType ([K3sToken.ClusterCA])
        $ca.Server | Should -BeNullOrEmpty
        $ca.Kind | Should -Be 'SelfSigned'
        $ca.Subject | Should -BeExactly 'CN=k3s-server-ca@1795287216'
        $ca.NotAfter.ToUniversalTime() | Should -Be ([DateTimeOffset] '2036-11-18T17:53:36Z').UtcDateTime
        $ca.NotAfter.Kind | Should -Be 'Local'
        $ca.Pem | Should -BeExactly (Get-Content "$recorded/self-signed.cacerts.pem" -Raw)
        $ca.Certificates | Should -HaveCount 1
        $ca.Certificates | Should -BeOfType ([Security.Cryptography.X509Certificates.X509Certificate2])
        $ca.TrustedByHost | Should -BeFalse
    }

    It 'tells a custom CA' {
        $ca = Get-K3sClusterCA -Path "$recorded/custom-ca.cacerts.pem"
        $ca.Kind | Should -Be 'Custom'
        $ca.Certificates | Should -HaveCount 3
        (Get-Content "$recorded/custom-ca.token") | Should -BeLike "K10$($ca.Hash)::*"
    }

    It 'reads several files, wildcards and piped files' {
        Get-K3sClusterCA -Path "$recorded/self-signed.cacerts.pem", "$recorded/custom-ca.cacerts.pem" | Should -HaveCount 2
        Get-K3sClusterCA -Path "$recorded/*.cacerts.pem" | Should -HaveCount 3
        Get-ChildItem "$recorded/*.cacerts.pem" | Get-K3sClusterCA | Should -HaveCount 3
        Push-Location $recorded
        Get-K3sClusterCA -Path self-signed.cacerts.pem | Should -HaveCount 1
        Pop-Location
    }

    It 'goes on past a file that is not there' {
        $failure = Get-Failure { Get-K3sClusterCA -Path "$recorded/nothing.pem", "$recorded/self-signed.cacerts.pem" }
        $failure.Id | Should -BeExactly 'PathNotFound'
        $failure.Terminating | Should -BeFalse
        $failure.Output.Kind | Should -Be 'SelfSigned'
    }

    It 'shows the hash on the screen, whole' {
        $shown = Get-K3sClusterCA -Path "$recorded/self-signed.cacerts.pem" | Out-String -Width 80
        $shown | Should -BeLike '*a1a6d53d15dd561cb33ea2fc85adad30faaa0339da263d8511bea123bd271a86*'
        $shown | Should -Not -BeLike '*BEGIN CERTIFICATE*'
    }
}

Describe 'Get-K3sClusterCA -Server' {
    BeforeAll {
        $supervisor = Start-Supervisor
    }

    AfterAll {
        Stop-Supervisor $supervisor
    }

    It 'gets the bundle that the server serves, verified by itself' {
        $ca = Get-K3sClusterCA $supervisor.Server
        $ca.Hash | Should -BeExactly $supervisor.Hash
        $ca.Pem | Should -BeExactly $supervisor.CA
        $ca.Server | Should -BeExactly $supervisor.Server
        $ca.TrustedByHost | Should -BeFalse
        $ca.Subject | Should -BeExactly 'CN=k3s-server-ca'
    }

    It 'asks K3S_URL unless told otherwise, and replaces its path' {
        $env:K3S_URL = "$($supervisor.Server)/k8s"
        (Get-K3sClusterCA).Hash | Should -BeExactly $supervisor.Hash
        Remove-Item env:K3S_URL
    }

    It 'takes host:port' {
        (Get-K3sClusterCA $supervisor.Server.Substring(8)).Server | Should -BeExactly $supervisor.Server
    }

    It 'trusts a file in place of the server' {
        Set-Content "$TestDrive/ca.pem" $supervisor.CA -NoNewline
        (Get-K3sClusterCA $supervisor.Server -CACertificate "$TestDrive/ca.pem").Hash | Should -BeExactly $supervisor.Hash
        (Get-Failure { Get-K3sClusterCA $supervisor.Server -CACertificate "$recorded/self-signed.cacerts.pem" }).Id |
            Should -BeExactly 'ServerCertificateUntrusted'
        $failure = Get-Failure { Get-K3sClusterCA $supervisor.Server -CACertificate "$TestDrive/none.pem" }
        $failure.Terminating | Should -BeTrue
        $failure.Message | Should -BeLike '*none.pem*'
    }

    It 'uses no proxy of the environment' {
        $env:HTTPS_PROXY = Get-DeadServer
        (Get-K3sClusterCA $supervisor.Server).Hash | Should -BeExactly $supervisor.Hash
        Remove-Item env:HTTPS_PROXY
    }

    It 'is ServerCertificateUntrusted for another host name' {
        $elsewhere = Start-Supervisor -Name elsewhere
        $failure = Get-Failure { Get-K3sClusterCA $elsewhere.Server }
        Stop-Supervisor $elsewhere
        $failure.Id | Should -BeExactly 'ServerCertificateUntrusted'
        $failure.Target | Should -BeExactly $elsewhere.Server
    }

    It 'is ClusterUnreachable for a dead server, and goes on' {
        $dead = Get-DeadServer
        $failure = Get-Failure { Get-K3sClusterCA $dead, $supervisor.Server }
        $failure.Id | Should -BeExactly 'ClusterUnreachable'
        $failure.Target | Should -BeExactly $dead
        $failure.Terminating | Should -BeFalse
        $failure.Output.Hash | Should -BeExactly $supervisor.Hash
    }

    It 'refuses another scheme: <Server>' -ForEach @(@{ Server = 'http://127.0.0.1:6443' }, @{ Server = 'ftp://server-1' }) {
        $failure = Get-Failure { Get-K3sClusterCA $Server }
        $failure.Id | Should -BeExactly 'ClusterUnreachable'
        $failure.Message | Should -BeLike '*https*'
    }
}
