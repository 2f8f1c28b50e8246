# The README's console sessions are typed as they stand, and must show what the README shows.
BeforeDiscovery {
    $readme = Get-Content "$PSScriptRoot/../../README.md" -Raw
    $sessions = [regex]::Matches($readme, '(?ms)^```console\n(.*?)^```') | ForEach-Object { @{ Session = $_.Groups[1].Value } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Cluster.ps1
    # Expired tokens stay: the README shows how to remove them.
    $cluster = Start-Cluster '--servers', '3', '--cleaner', 'off'
    $env:K3S_TOKEN = $cluster.Token
    $servers = $cluster.Servers
    $ProgressPreference = 'SilentlyContinue'

    # What differs from run to run: ids, times, ports, hashes, and with them the order of rows.
    function ConvertTo-Comparable([string] $Text) {
        $Text = $Text -replace '(?m)^[a-z0-9]{6} ', '<id>   ' -replace '(?m)(^Id\s+: )\w+', '$1<id>'
        $Text = $Text -replace '\d{4}-\d\d-\d\d \d\d:\d\d', '<time>' -replace '00:59:\d\d(\.\d+)?', '<left>'
        $Text = $Text -replace '127\.0\.0\.1:\d+ *', '<server> ' -replace '\b[0-9a-f]{12}\b', '<hash>'
        @($Text -split '\r?\n' | ForEach-Object TrimEnd | Where-Object { $_ } | Sort-Object) -join "`n"
    }

    function Invoke-Line([string] $Line) {
        if ($Line -match '^# Restart one server after the other') {
            1..3 | ForEach-Object { Invoke-Prompt $cluster "restart $_ $(Get-FilePassword $cluster 1)" } | Out-Null
        }

        . ([scriptblock]::Create($Line)) 2>&1 |
            ForEach-Object { if ($_ -is [Management.Automation.ErrorRecord]) { "$($_.InvocationInfo.MyCommand): $_" } else { $_ } } |
            Out-String -Width 80
    }
}

AfterAll {
    Stop-Cluster $cluster
    Remove-Item env:K3S_TOKEN
}

Describe 'The README' {
    It 'has a session to try' {
        @($sessions).Count | Should -BeGreaterThan 0
    }

    It 'shows what its commands show' -ForEach $sessions {
        $rendering = $PSStyle.OutputRendering
        $PSStyle.OutputRendering = 'PlainText'
        Push-Location "$PSScriptRoot/../.."
        try {
            foreach ($step in $Session -split '(?m)^PS> ' | Where-Object { $_ }) {
                $line, $shown = $step -split '\n', 2
                ConvertTo-Comparable (. Invoke-Line $line) | Should -Be (ConvertTo-Comparable $shown) -Because "that is what the README shows for: $line"
            }
        }
        finally {
            Pop-Location
            $PSStyle.OutputRendering = $rendering
        }
    }
}
