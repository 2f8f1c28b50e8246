# What a newcomer reads must be true of the folders.
BeforeAll {
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $text = Get-Content "$root/CONTRIBUTING.md" -Raw
}

Describe 'CONTRIBUTING' {
    It 'names files and folders that are there' {
        $named = [regex]::Matches($text, '(?<![\w/.])(src|tests|samples|docs|en-US|\.ci)(/[\w.-]*\w)*(?![\w<])').Value | Sort-Object -Unique
        $named.Count | Should -BeGreaterThan 9
        $named | Where-Object { -not (Test-Path "$root/$_") } | Should -BeNullOrEmpty
    }

    It 'shows every project of the module, and every folder of Core' {
        foreach ($folder in Get-ChildItem "$root/src" -Directory) {
            $text | Should -BeLike "*src/$($folder.Name)*"
        }
        foreach ($folder in Get-ChildItem "$root/src/K3sToken.Core" -Directory | Where-Object Name -NotIn bin, obj) {
            $text | Should -MatchExactly "(?m)^ +│ +.*\b$($folder.Name)\b"
        }
    }
}

Describe 'The workflow' {
    It 'runs the commands that CONTRIBUTING and README name' {
        $workflow = Get-Content "$root/.github/workflows/ci.yml" -Raw
        foreach ($command in 'dotnet build', 'dotnet test', '.ci/run') {
            $workflow | Should -Match "run: $([regex]::Escape($command))"
            $text | Should -BeLike "*$command*"
        }
        foreach ($version in '5.1', '7.4', '7.6', 'windows', 'ubuntu', 'macos') {
            $workflow | Should -BeLike "*$version*"
        }
    }
}

Describe 'The page on security' {
    BeforeAll {
        $page = Get-Content "$root/docs/security.md" -Raw
    }

    It 'links to what is there' {
        $links = [regex]::Matches($page, '\]\(([^)#:]+)\)') | ForEach-Object { $_.Groups[1].Value } | Sort-Object -Unique
        $links.Count | Should -BeGreaterThan 15
        $links | Where-Object { -not (Test-Path "$root/docs/$_" -PathType Leaf) } | Should -BeNullOrEmpty
    }

    It 'names a test in every row' {
        $rows = @($page -split '\n' -match '^\| ' -notmatch '^\| (what|no secret stays)')
        $rows.Count | Should -BeGreaterThan 15
        $rows -notmatch '\]\(\.\./tests/[\w./-]+\.(cs|ps1)\)' | Should -BeNullOrEmpty
    }

    It 'is what SECURITY.md points to' {
        Get-Content "$root/SECURITY.md" -Raw | Should -BeLike '*(docs/security.md)*'
    }
}
