# The cmdlets while a real API server dies and comes back, and while its datastore forgets: on a server of their own, since others would miss it.

BeforeDiscovery {
    $cache = if ($env:XDG_CACHE_HOME) { $env:XDG_CACHE_HOME } else { "$HOME/.cache" }
    $missing = if (-not $env:K3STOKEN_LIVE_KUBECONFIG) { 'K3STOKEN_LIVE_KUBECONFIG is not set' }
    elseif ($env:K3STOKEN_LIVE_CLEANER -ne 'off') { 'it is tried once in a run, where K3STOKEN_LIVE_CLEANER is off' }
    elseif (-not (Test-Path "$cache/k3stoken/apiserver/bin/kube-apiserver")) { '.ci/apiserver build has not been run, and no other server can be killed here' }
}

Describe 'A real API server' {
    if ($missing) {
        It 'that dies' -TestCases @{ Missing = $missing } {
            Set-ItResult -Skipped -Because $Missing
        }
        return
    }

    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $tool = "$PSScriptRoot/../../.ci/apiserver"
        $folder = (New-Item (Join-Path ([IO.Path]::GetTempPath()) "k3stoken-$([guid]::NewGuid())") -ItemType Directory).FullName

        function Invoke-Tool([string] $Verb) {
            $said = bash $tool $Verb $folder 2>&1
            if ($LASTEXITCODE -ne 0) {
                throw "apiserver ${Verb}: $said"
            }
        }

        # Passes on what comes. At the item of that number the server dies as SIGKILL ends it, in the middle of whatever it does, and is back
        # before the next item is asked for.
        filter Use-Crash([int] $At) {
            if (++$script:count -eq $At) {
                $server.Kill()
                $server.WaitForExit()
                Invoke-Tool revive
            }
            $_
        }

        # The ids that errors name as changes whose fate is not known.
        function Get-UnsureId($Errors) {
            [regex]::Matches("$Errors", 'change of bootstrap-token-([a-z0-9]{6}) was sent and may have happened or not').ForEach({ $_.Groups[1].Value })
        }

        # By the names: to take thousands of tokens apart takes seconds.
        function Get-StoredId {
            (Invoke-Api "$SecretsPath`?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken").Body.items.ForEach({ $_.metadata.name.Substring(16) })
        }

        # What is among the first and not among the others.
        function Get-Rest($First, $Others) {
            $rest = [Collections.Generic.HashSet[string]]::new([string[]] @($First))
            $rest.ExceptWith([string[]] @($Others))
            @($rest)
        }

        $env:CLEANER = 'off'
        Invoke-Tool start
        Remove-Item env:CLEANER
        $env:KUBECONFIG = "$folder/admin.kubeconfig"
    }

    BeforeEach {
        $script:count = 0
        $server = [Diagnostics.Process]::GetProcessById((Get-Content $folder/apiserver.pid))
    }

    AfterAll {
        Invoke-Tool stop
    }

    It 'that dies while 1,000 tokens are created holds those that came out, and those that an error names' {
        $created = @(New-K3sBootstrapToken -Count 1000 -AsPlainText -ErrorVariable errors -ErrorAction SilentlyContinue | Use-Crash -At 300)

        $stored = @{}
        Get-StoredToken | ForEach-Object { $stored[$_.Data['token-id']] = $_.Data['token-secret'] }
        $unsure = Get-UnsureId $errors
        $silent = Get-Rest $stored.Keys $created.Id
        Out-Host -InputObject "    Creation of 1,000: $($created.Count) came out, $($errors.Count) errors ($($unsure.Count) name an id). Server: $($stored.Count), $($silent.Count) of them in errors only."
        $created.Count + $errors.Count | Should -Be 1000
        $created | Where-Object { $_.ShortToken -cne "$($_.Id).$($stored[$_.Id])" } | Should -BeNullOrEmpty
        Get-Rest $silent $unsure | Should -BeNullOrEmpty
    }

    It 'that dies while 1,000 tokens are removed <How> holds none of those that came out, and lost none that no error names' -ForEach @(
        @{
            How    = 'with -PassThru'
            Remove = { $args[0] | Remove-K3sBootstrapToken -PassThru -ErrorVariable errors -ErrorAction SilentlyContinue | Use-Crash -At 300 | ForEach-Object Id }
        }
        @{
            How    = 'with -Verbose'
            Remove = {
                $args[0] | Remove-K3sBootstrapToken -Verbose -ErrorVariable errors -ErrorAction SilentlyContinue 4>&1 |
                    Where-Object { "$_" -match "^Removed bootstrap token '(.+)'" } | ForEach-Object { $Matches[1] } | Use-Crash -At 300
            }
        }
    ) {
        $tokens = @(New-K3sBootstrapToken -Count 1000)

        $removed = @(. $Remove $tokens)

        $stored = Get-StoredId
        $gone = Get-Rest $tokens.Id $stored
        $unsure = Get-UnsureId $errors
        $silent = Get-Rest $gone $removed
        Out-Host -InputObject "    Removal of 1,000 ${How}: $($removed.Count) came out, $($errors.Count) errors ($($unsure.Count) of unknown fate). Gone: $($gone.Count), $($silent.Count) of them in errors only."
        $removed.Count + $errors.Count | Should -Be 1000
        Get-Rest $tokens.Id ($removed + $errors.TargetObject) | Should -BeNullOrEmpty
        Get-Rest $removed $gone | Should -BeNullOrEmpty
        Get-Rest $silent $unsure | Should -BeNullOrEmpty
    }

    Context 'with 5,000 tokens' {
        BeforeAll {
            $ids = @(Get-StoredId)
            $ids += @(New-K3sBootstrapToken -Count (5000 - $ids.Count)).Id
        }

        It 'that dies during their listing leaves a list that is complete, or an error that says it is not' {
            $listed = @(Get-K3sBootstrapToken -ErrorVariable errors -ErrorAction SilentlyContinue | Use-Crash -At 1200 | ForEach-Object Id)

            Out-Host -InputObject "    Listing of 5,000: $($listed.Count) came out, $($errors.Count) errors. $errors"
            $count | Should -BeGreaterOrEqual 1200 -Because 'the server died during the listing'
            $listed | Select-Object -Unique | Should -HaveCount $listed.Count
            Get-Rest $listed $ids | Should -BeNullOrEmpty
            $says = @($errors | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] + ": $_" })
            "$says" | Should -BeLike $(if ($listed.Count -eq 5000) { '' } else { 'ClusterUnreachable: * The list is not complete.' })
            @(Get-K3sBootstrapToken).Count | Should -Be 5000 -Because 'it is back, with all it had'
        }

        It 'that forgets the state of their listing between two pages leaves a list without gap or double' {
            $seen = @(Get-K3sBootstrapToken -ErrorAction Stop -Verbose 4>&1 | ForEach-Object {
                    if (++$script:count -eq 1) {
                        New-StoredToken zzzzzz
                        Invoke-Tool compact
                    }
                    $_
                })

            $listed = @($seen | ForEach-Object Id | Where-Object { $_ })
            $forgotten = @($seen | Where-Object { "$_" -like '*answered 410*' })
            Out-Host -InputObject "    Listing of 5,000, compacted at its begin: $($listed.Count) came out, $($forgotten.Count) times forgotten."
            $forgotten.Count | Should -BeGreaterThan 0
            $listed | Should -HaveCount 5001 -Because 'what was created meanwhile, further down the list, is met'
            Get-Rest ($ids + 'zzzzzz') $listed | Should -BeNullOrEmpty
        }
    }
}
