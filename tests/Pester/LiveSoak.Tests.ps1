# Some seconds of tests/Soak.ps1, in a PowerShell of its own: the run of minutes is for people to start.

BeforeDiscovery {
    $missing = if (-not $env:K3STOKEN_LIVE_KUBECONFIG) { 'K3STOKEN_LIVE_KUBECONFIG is not set' }
    elseif ($env:K3STOKEN_LIVE_CLEANER -ne 'off') { 'it is tried once in a run, where K3STOKEN_LIVE_CLEANER is off' }
    elseif (-not (Test-Path /proc/self/fd)) { 'it looks into /proc, which is not here' }
}

Describe 'A soak' {
    It 'of some seconds leaves memory, handles and sockets flat, and on the server what eight runspaces believe' -TestCases @{ Missing = $missing } {
        if ($Missing) {
            Set-ItResult -Skipped -Because $Missing
            return
        }

        . $PSScriptRoot/Common.ps1
        Use-LiveCluster

        $said = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -File $PSScriptRoot/../Soak.ps1 -Minutes 0.03 -WarmUpMinutes 0.08 -Kubeconfig $env:KUBECONFIG 2>&1 | Out-String

        $LASTEXITCODE | Should -Be 0 -Because $said
        $said | Should -BeLike '*Flat, and the server holds what the eight runspaces believe: *'
    }
}
