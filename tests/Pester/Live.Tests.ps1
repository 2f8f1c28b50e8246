# The cmdlets against a real cluster that may be changed (tests/K3sToken.Core.Tests/Live/LiveCluster.cs says how one is named).

BeforeDiscovery {
    $noCluster = -not $env:K3STOKEN_LIVE_KUBECONFIG
    if ($noCluster) {
        Write-Warning 'The live suite is skipped: K3STOKEN_LIVE_KUBECONFIG is not set.'
    }
}

Describe 'Bootstrap tokens on a live cluster' -Skip:$noCluster {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        # Whatever a cmdlet writes as an error fails the test.
        $ErrorActionPreference = 'Stop'
        Use-LiveCluster
        $cleanerRuns = $env:K3STOKEN_LIVE_CLEANER -ne 'off'
        $others = @(Get-StoredToken | ForEach-Object Name)

        function Get-Ours { Get-StoredToken | Where-Object Name -NotIn $others }
        function Get-OurIds { Get-Ours | ForEach-Object { $_.Data['token-id'] } | Sort-Object }
    }

    AfterAll {
        Get-Ours | Remove-StoredToken
    }

    Context 'Three tokens: for 5 seconds, for ever, and as they come' {
        BeforeAll {
            $short = New-K3sBootstrapToken -Ttl 5s -AsPlainText
            $lasting = New-K3sBootstrapToken -Ttl 0 -AsPlainText
            $default = New-K3sBootstrapToken -AsPlainText
            $listed = Get-K3sBootstrapToken
            $stored = @{}
            Get-Ours | ForEach-Object { $stored[$_.Data['token-id']] = $_.Data }
        }

        It 'are in the server with the secrets that were handed out' {
            foreach ($token in $short, $lasting, $default) {
                $token.ShortToken | Should -BeExactly "$($token.Id).$($stored[$token.Id]['token-secret'])"
            }
        }

        It 'expire when they were asked to' {
            $lasting.NeverExpires | Should -BeTrue
            $stored[$lasting.Id].Keys | Should -Not -Contain 'expiration'
            $expires = [DateTimeOffset]::Parse($stored[$default.Id]['expiration'])
            ($expires - [DateTimeOffset]::UtcNow).TotalHours | Should -BeGreaterThan 23.9 -Because 'the default is 24h'
            ($expires - [DateTimeOffset]::UtcNow).TotalHours | Should -BeLessThan 24.1 -Because 'the default is 24h'
        }

        It 'are all listed' {
            $listed.Id | Should -Contain $lasting.Id
            $listed.Id | Should -Contain $default.Id
        }

        It 'carry the hash of the CA that nodes will find' {
            $default.Token | Should -BeExactly "K10$(Get-ExpectedCAHash)::$($default.ShortToken)"
        }

        It 'let a node in as system:bootstrap and its id, which may not read Secrets' {
            $answer = Invoke-Api $SecretsPath -Bearer $default.ShortToken
            $answer.Status | Should -Be 403
            $answer.Body.message | Should -BeLike "*`"system:bootstrap:$($default.Id)`"*"
        }

        Context 'After 6 seconds' {
            BeforeAll {
                Start-Sleep -Seconds 6
            }

            It 'exactly the first is listed as expired, or nothing where the token cleaner has removed it' {
                $expected = if ($cleanerRuns) { @() } else { $short.Id }
                @(Get-K3sBootstrapToken | Where-Object Expired | ForEach-Object Id) | Should -Be $expected
                @(Get-OurIds).Contains($short.Id) | Should -Be (-not $cleanerRuns)
            }

            It 'the first lets nobody in' {
                (Invoke-Api $SecretsPath -Bearer $short.ShortToken).Status | Should -Be 401
            }

            It 'removing what is expired leaves the two others' {
                Get-K3sBootstrapToken | Where-Object Expired | Remove-K3sBootstrapToken
                Get-OurIds | Should -Be ($lasting.Id, $default.Id | Sort-Object)
            }

            It 'removing the first again, from the older list, is no error' {
                $listed | Where-Object Id -EQ $short.Id | Remove-K3sBootstrapToken
                Get-OurIds | Should -Be ($lasting.Id, $default.Id | Sort-Object)
            }

            It 'another is extended, and nothing else of it changes' {
                $before = Get-StoredToken $default.Id
                $listed | Where-Object Id -EQ $default.Id | Set-K3sBootstrapToken -Ttl 48h
                $after = Get-StoredToken $default.Id

                $left = [DateTimeOffset]::Parse($after.Data['expiration']) - [DateTimeOffset]::UtcNow
                $left.TotalHours | Should -BeGreaterThan 47.9
                $left.TotalHours | Should -BeLessThan 48.1
                $after.Data.Remove('expiration')
                $before.Data.Remove('expiration')
                $after.Data.Keys | Sort-Object | Should -Be ($before.Data.Keys | Sort-Object)
                $after.Data.Values | Sort-Object | Should -Be ($before.Data.Values | Sort-Object)
            }
        }
    }

    It 'are removed by their <name>' -ForEach @(
        @{ name = 'id'; text = { $args.Id } }
        @{ name = 'short form, id.secret'; text = { $args.ShortToken } }
        @{ name = 'full form, K10...'; text = { $args.Token } }
    ) {
        $token = New-K3sBootstrapToken -AsPlainText
        Get-OurIds | Should -Contain $token.Id

        Remove-K3sBootstrapToken (& $text $token)

        Get-OurIds | Should -Not -Contain $token.Id
    }

    It 'let nobody in once they are removed and the server has forgotten them' {
        $token = New-K3sBootstrapToken -AsPlainText
        (Invoke-Api $SecretsPath -Bearer $token.ShortToken).Status | Should -Be 403
        Remove-K3sBootstrapToken $token.Id

        # The server remembers an accepted token for up to 10 s.
        $limit = [DateTime]::UtcNow.AddSeconds(15)
        while (($status = (Invoke-Api $SecretsPath -Bearer $token.ShortToken).Status) -eq 403 -and [DateTime]::UtcNow -lt $limit) {
            Start-Sleep -Milliseconds 500
        }
        $status | Should -Be 401
    }
}
