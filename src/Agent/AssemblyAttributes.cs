// The agent of this build is for Linux; its other platforms get folders of their own under Platforms.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
