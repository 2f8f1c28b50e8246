# The cmdlets against a real cluster that may be changed (LiveCluster.cs says how one is named).

BeforeDiscovery {
    $noCluster = -not $env:K3STOKEN_LIVE_KUBECONFIG
    if ($noCluster) {
        Write-Warning 'The live suite is skipped: K3STOKEN_LIVE_KUBECONFIG is not set.'
    }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    if ($env:K3STOKEN_LIVE_KUBECONFIG) {
        Use-LiveCluster
    }
}

Describe 'Bootstrap tokens on a live cluster' -Skip:$noCluster {
    It 'are listed' {
        Invoke-Api /version | ForEach-Object Status | Should -Be 200
    }
}
