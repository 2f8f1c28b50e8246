# Every script of the project, looked at by PSScriptAnalyzer.
BeforeDiscovery {
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $files = Get-ChildItem "$root/build.ps1", "$root/docs", "$root/samples", "$root/src", "$root/tests" -Recurse -Include *.ps1
    $scripts = $files.FullName | Where-Object { $_ -notmatch '[\\/](bin|obj|recorded)[\\/]' } | ForEach-Object {
        $name = $_.Substring($root.Length + 1)
        @{ Script = $name; Path = $_; Settings = Join-Path $root $(if ($name -like 'tests*') { 'tests' }) PSScriptAnalyzerSettings.psd1 }
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

        $said = Invoke-ScriptAnalyzer $Path -Settings $Settings | ForEach-Object { "$($_.Line): $($_.RuleName): $($_.Message)" }
        $said | Should -BeNullOrEmpty
    }
}
