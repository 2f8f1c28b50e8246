# Every script of the project, looked at by PSScriptAnalyzer.
BeforeDiscovery {
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $scripts = foreach ($part in @{ Of = 'build.ps1'; By = '.' }, @{ Of = 'samples'; By = '.' }, @{ Of = 'tests'; By = 'tests' }) {
        Get-ChildItem "$root/$($part.Of)" -Recurse -Include *.ps1 | Where-Object FullName -NotMatch '[\\/](bin|obj|recorded)[\\/]' | ForEach-Object {
            @{ Script = $_.FullName.Substring($root.Length + 1); Path = $_.FullName; Settings = "$root/$($part.By)/PSScriptAnalyzerSettings.psd1" }
        }
    }
}

BeforeAll {
    $isMissing = -not (Get-Module PSScriptAnalyzer -ListAvailable)
}

Describe 'PSScriptAnalyzer' {
    It 'has nothing to say of <Script>' -ForEach $scripts {
        if ($isMissing) {
            Set-ItResult -Skipped -Because 'PSScriptAnalyzer was not found. Install-Module PSScriptAnalyzer -Scope CurrentUser brings it.'
            return
        }

        Invoke-ScriptAnalyzer $Path -Settings $Settings | ForEach-Object { "$($_.Line): $($_.RuleName): $($_.Message)" } | Should -BeNullOrEmpty
    }
}
