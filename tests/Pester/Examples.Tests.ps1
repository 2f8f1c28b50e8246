# Every example of every help page is typed as it stands, on a sandbox of three servers, and must show what the page shows.
BeforeDiscovery {
    . $PSScriptRoot/Examples.ps1
    $examples = Get-ChildItem "$PSScriptRoot/../../docs/en-US/*-*.md" | ForEach-Object { Get-Example $_.FullName }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Examples.ps1
    $cluster = Start-ExampleCluster
    $environment = Set-ExampleEnvironment $cluster
}

AfterAll {
    Restore-ExampleEnvironment $environment
    Stop-ExampleCluster $cluster
}

Describe 'The example' {
    It 'of <Command>: <Title>' -ForEach $examples {
        $Steps.Count | Should -BeGreaterThan 0 -Because 'an example has code'
        if ($Steps.Code -match '\bssh ' -and -not (Get-Command sh -ErrorAction Ignore)) {
            Set-ItResult -Skipped -Because 'what it types over ssh needs a POSIX shell (sh) here.'
        }

        $ExampleSetups.Keys | Should -Contain $Command -Because 'an example needs its set-up in Examples.ps1'
        $number = ($Title -split ':')[0]
        . $ExampleSetups[$Command]
        if ($ExampleSetups["$Command, $number"]) { . $ExampleSetups["$Command, $number"] }
        Set-StrictMode -Version Latest
        $meanings = @{}
        foreach ($step in $Steps) {
            $page = ConvertTo-Compared $step.Shows
            $shown = ConvertTo-Compared (. Invoke-Step $cluster $step)
            $because = "that is what the page shows for: $($step.Code)"
            ConvertTo-PageText $shown $page $meanings | Should -BeExactly $page -Because $because
        }
    }
}
