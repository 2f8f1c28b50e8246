# The package as it would come from the gallery: made, installed for a person with an empty home, and used there.
BeforeAll {
    . $PSScriptRoot/Common.ps1
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $project = "$root/src/K3sToken.PowerShell"
    $feed = (New-Item TestDrive:/feed -ItemType Directory).FullName
    $said = dotnet msbuild $project -nologo -nodeReuse:false '-t:StagePackage;Pack' -p:NoBuild=true "-p:PackageOutputPath=$feed/" `
        "-p:NuspecOutputPath=$feed/obj/"
    $packed = Get-Item "$feed/*.nupkg"
    if (-not $packed) {
        throw "No package was made: $said"
    }

    $version = (Get-Module K3sToken).Version.ToString()

    # Runs the suites of a module on the module in this folder, in a PowerShell of its own; what failed.
    function Get-FailureOf([string] $Folder) {
        $report = Join-Path (Get-Item TestDrive:/).FullName "$([guid]::NewGuid()).json"
        $suites = 'Module.Tests.ps1', 'Installed.ps1' | ForEach-Object { Join-Path $PSScriptRoot $_ }
        $env:K3STOKEN_MODULE = $Folder
        try {
            $said = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -File "$root/tests/K3sToken.Module.Tests/Pester/Invoke-Suites.ps1" `
                -Suites ($suites -join [IO.Path]::PathSeparator) -Output $report 2>&1
        }
        finally {
            Remove-Item env:K3STOKEN_MODULE
        }

        $tests = (Get-Content $report -Raw | ConvertFrom-Json).Tests
        if (@($tests | Where-Object Result -EQ 'Passed').Count -lt 7) {
            "Too few tests ran: $said"
        }

        $tests | Where-Object Result -NE 'Passed' | ForEach-Object { "$($_.Name): $($_.Text)" }
    }
}

Describe 'The package' {
    It 'works where it was unpacked' {
        $folder = Join-Path (Get-Item TestDrive:/).FullName "unpacked/K3sToken/$version"
        [IO.Compression.ZipFile]::ExtractToDirectory($packed.FullName, $folder)
        Get-FailureOf $folder | Should -BeNullOrEmpty
    }

    It 'works where PSResourceGet installed it' {
        if (-not (Get-Module Microsoft.PowerShell.PSResourceGet -ListAvailable)) {
            Set-ItResult -Skipped -Because 'Microsoft.PowerShell.PSResourceGet was not found.'
            return
        }

        if ($env:OS -eq 'Windows_NT') {
            Set-ItResult -Skipped -Because 'On Windows it would be installed for the person who runs this.'
            return
        }

        $homeFolder = (New-Item TestDrive:/home -ItemType Directory).FullName
        $before = $env:HOME, $env:XDG_DATA_HOME, $env:XDG_CONFIG_HOME, $env:XDG_CACHE_HOME
        $env:HOME, $env:XDG_DATA_HOME, $env:XDG_CONFIG_HOME, $env:XDG_CACHE_HOME = $homeFolder, $null, $null, $null
        try {
            $said = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command @"
                Register-PSResourceRepository Here -Uri '$feed' -Trusted
                (Find-PSResource K3sToken -Repository Here -Type Module).Version.ToString()
                Install-PSResource K3sToken -Repository Here -Scope CurrentUser
                (Get-PSResource K3sToken).InstalledLocation
                Import-Module K3sToken -PassThru | ForEach-Object ModuleBase
"@
        }
        finally {
            $env:HOME, $env:XDG_DATA_HOME, $env:XDG_CONFIG_HOME, $env:XDG_CACHE_HOME = $before
        }

        $said[0] | Should -Be $version
        $said[-1] | Should -BeLike "$homeFolder/*/K3sToken/$version"
        Get-FailureOf $said[-1] | Should -BeNullOrEmpty
    }
}

Describe 'Its manifest' {
    BeforeAll {
        $manifest = Test-ModuleManifest "$feed/K3sToken/$version/K3sToken.psd1" -WarningVariable warnings
    }

    It 'has nothing that Test-ModuleManifest warns of' {
        $warnings | Should -BeNullOrEmpty
    }

    It 'says what it runs on' {
        $manifest.CompatiblePSEditions | Should -Be Desktop, Core
        $manifest.PowerShellVersion | Should -Be ([version] '5.1')
        $manifest.DotNetFrameworkVersion | Should -Be ([version] '4.7.2')
    }

    It 'has links, tags and release notes' {
        $manifest.ProjectUri | Should -Not -BeNullOrEmpty
        $manifest.LicenseUri | Should -BeLike "$($manifest.ProjectUri)*"
        $manifest.Tags | Should -Contain Kubernetes
        $manifest.ReleaseNotes | Should -BeLike '*Get-*K3sBootstrapToken*'
    }

    It 'names each cmdlet, and exports nothing else' {
        $manifest.ExportedCmdlets.Count | Should -Be $manifest.ExportedCommands.Count
        "$feed/K3sToken/$version/K3sToken.psd1" | Should -Not -FileContentMatch "'\*'"
    }
}

Describe 'Signing' {
    BeforeAll {
        $sign = "$project/Packaging/Sign-Module.ps1"
        $thumbprint = 'AB' * 20
        $folder = "$feed/K3sToken/$version"
    }

    It 'is of the manifest, the format file, and the assemblies that nobody has signed' {
        $null = Start-Transcript "$TestDrive/said" # What if goes to the console only
        & $sign $folder $thumbprint -WhatIf
        $null = Stop-Transcript
        $files = [regex]::Matches((Get-Content "$TestDrive/said" -Raw), 'on target "(.+?)"').Groups.Where{ $_.Name -eq 1 }.Value |
            ForEach-Object { $_.Substring($folder.Length + 1).Replace('\', '/') } | Sort-Object
        $files | Should -Be @(
            'bin/Core/deps/K3sToken.Yaml.dll'
            'bin/Core/deps/YamlDotNet.dll'
            'bin/Core/K3sToken.Core.dll'
            'bin/Core/K3sToken.PowerShell.dll'
            'bin/Desktop/deps/K3sToken.Yaml.dll'
            'bin/Desktop/deps/YamlDotNet.dll'
            'bin/Desktop/K3sToken.Core.dll'
            'bin/Desktop/K3sToken.PowerShell.dll'
            'K3sToken.format.ps1xml'
            'K3sToken.psd1'
        )
    }

    It 'says plainly that it needs Windows' -Skip:($env:OS -eq 'Windows_NT') {
        { & $sign $folder $thumbprint } | Should -Throw 'Files can be signed on Windows only*Nothing was signed.'
    }

    It 'refuses what is no thumbprint' {
        { & $sign $folder 'my certificate' } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
    }

    It 'goes with the task Package only' {
        { & "$root/build.ps1" -Task Build -CertificateThumbprint $thumbprint } | Should -Throw '*-Task Package*'
    }
}
