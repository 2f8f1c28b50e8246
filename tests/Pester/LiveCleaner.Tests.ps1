# The cmdlets on tokens that expire meanwhile, on a cluster whose token cleaner removes them.

BeforeDiscovery {
    $missing = if (-not $env:K3STOKEN_LIVE_KUBECONFIG) { 'K3STOKEN_LIVE_KUBECONFIG is not set' }
    elseif ($env:K3STOKEN_LIVE_CLEANER -eq 'off') { 'K3STOKEN_LIVE_CLEANER is off: nothing removes expired tokens there' }
}

Describe 'A token cleaner that races' {
    if ($missing) {
        It 'the cmdlets' -TestCases @{ Missing = $missing } {
            Set-ItResult -Skipped -Because $Missing
        }
        return
    }

    BeforeAll {
        . $PSScriptRoot/Common.ps1
        Use-LiveCluster

        # Twenty tokens for each lifetime. The cleaner removes some thirty at once, and then twenty in a second: it has work while we do ours.
        function New-ShortToken([int[]] $Seconds) { $Seconds | ForEach-Object { New-K3sBootstrapToken -Count 20 -Ttl "${_}s" } }

        # The ids of those that the server holds still.
        function Get-LeftId($Tokens) {
            $stored = @(Get-StoredToken | ForEach-Object { $_.Data['token-id'] })
            @($Tokens.Id | Where-Object { $_ -in $stored })
        }

        function Wait-Cleaner($Tokens, [scriptblock] $Until) {
            $limit = [DateTime]::UtcNow.AddSeconds(30)
            while (-not (& $Until (Get-LeftId $Tokens)) -and [DateTime]::UtcNow -lt $limit) {
                Start-Sleep -Milliseconds 50
            }
        }

        # Each id came out, or has an error of its own that says that there is no such token.
        function Assert-Told($Ids, $Output, $Errors) {
            $Errors | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] } | Where-Object { $_ -ne 'TokenNotFound' } | Should -BeNullOrEmpty -Because "$Errors"
            @($Output.Id) + @($Errors.TargetObject) | Where-Object { $_ } | Sort-Object | Should -Be @($Ids | Sort-Object)
        }
    }

    It 'Set- leaves each token changed, or an error that says it is gone' {
        $tokens = New-ShortToken 1, 2, 3
        $left = @($tokens.Id)
        $limit = [DateTime]::UtcNow.AddSeconds(30)
        for ($round = 1; $left -and [DateTime]::UtcNow -lt $limit; $round++) {
            $changed = @($left | Set-K3sBootstrapToken -Description "round $round" -PassThru -ErrorVariable errors -ErrorAction SilentlyContinue)
            Assert-Told $left $changed $errors
            $changed.Description | Where-Object { $_ -ne "round $round" } | Should -BeNullOrEmpty
            $left = @($changed.Id)
        }

        Out-Host -InputObject "    $($tokens.Count) tokens changed in $round rounds until the last was gone."
        $left | Should -BeNullOrEmpty
        Get-LeftId $tokens | Should -BeNullOrEmpty
    }

    It 'Set- with a new time to live leaves each token with it, or an error that says it is gone' {
        $tokens = @(New-ShortToken 1, 1, 1, 3)
        Wait-Cleaner $tokens { $args[0].Count -lt $tokens.Count }
        $extended = @()
        $late = @()
        for ($i = 0; $i -lt $tokens.Count; $i += 4) {
            $some = $tokens[$i..($i + 3)]
            $changed = @($some | Set-K3sBootstrapToken -Ttl 1h -PassThru -ErrorVariable errors -ErrorAction SilentlyContinue)
            Assert-Told $some.Id $changed $errors
            $changed | Where-Object { $_.TimeToLive.TotalMinutes -lt 59 } | Should -BeNullOrEmpty
            $extended += $changed
            $late += $some | Where-Object { $_.Expires -le [DateTime]::Now }
        }

        # What the cleaner had before its eyes by then, it has dealt with once it has removed what expires later.
        $sentinel = New-K3sBootstrapToken -Ttl 1s
        Wait-Cleaner $sentinel { $args[0].Count -eq 0 }
        $left = Get-LeftId $tokens
        $lost = @($extended.Id | Where-Object { $_ -notin $left })
        $extended | Remove-K3sBootstrapToken
        Out-Host -InputObject "    $($extended.Count) of $($tokens.Count) tokens extended, $($late.Count) were past their time; $($lost.Count) of those extended too late were removed all the same."
        $left | Where-Object { $_ -notin $extended.Id } | Should -BeNullOrEmpty
        $lost | Where-Object { $_ -notin $late.Id } | Should -BeNullOrEmpty -Because 'what was extended in time stays'
    }

    It 'Remove- leaves each token removed by one of them, and no error for what was listed' {
        $tokens = @(New-ShortToken 1, 1, 1)
        Wait-Cleaner $tokens { $args[0].Count -lt $tokens.Count }
        $removed = @()
        for ($i = 0; $i -lt $tokens.Count; $i += 6) {
            $typed, $listed = $tokens[$i..($i + 2)], $tokens[($i + 3)..($i + 5)]
            $one = @(Remove-K3sBootstrapToken $typed.Id -PassThru -ErrorVariable errors -ErrorAction SilentlyContinue)
            Assert-Told $typed.Id $one $errors
            $other = @($listed | Remove-K3sBootstrapToken -PassThru -ErrorVariable errors -ErrorAction SilentlyContinue)
            $errors | Should -BeNullOrEmpty
            $removed += $one + $other
            Get-LeftId ($typed + $listed) | Should -BeNullOrEmpty
        }

        Out-Host -InputObject "    $($removed.Count) of $($tokens.Count) tokens removed by the cmdlet, the others by the cleaner."
        $removed.Id | Select-Object -Unique | Should -HaveCount $removed.Count
    }
}
